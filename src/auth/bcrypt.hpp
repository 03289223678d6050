#pragma once
// Passwords as the original Node application kept them: bcrypt, which an adopted database may still hold.
// Only compared with; what we make ourselves is Argon2id (password.hpp). Any thread, and as slow on purpose.
#include <string_view>

namespace pulse::auth {

// "$2a$", "$2b$" or "$2y$", two digits of cost up to 15 (some three seconds), and 53 characters of salt and
// hash.
bool is_bcrypt(std::string_view hash);

// False too for what is not is_bcrypt(). As everywhere, bytes of the password after the 72nd do not count.
bool verify_bcrypt(std::string_view hash, std::string_view password);

}  // namespace pulse::auth

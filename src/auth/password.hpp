#pragma once
// Passwords at rest: Argon2id (RFC 9106) through libsodium. Both calls take about 0.1 s and 64 MiB on
// purpose, so they run on a worker, never on an event loop. Any thread.
#include <string>
#include <string_view>

namespace pulse::auth {

// A self-describing string ("$argon2id$v=19$m=65536,t=2,p=1$…") with a fresh salt. Throws std::bad_alloc
// when the memory for it cannot be had.
std::string hash_password(std::string_view password);

// False for a wrong password, and for a hash that is empty or of no kind we know: Argon2 as libsodium writes
// it, or the bcrypt of an adopted database.
bool verify_password(std::string_view hash, std::string_view password);

}  // namespace pulse::auth

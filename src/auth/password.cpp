#include "auth/password.hpp"

#include <sodium.h>

#include <array>
#include <cstring>
#include <new>
#include <stdexcept>

#include "auth/bcrypt.hpp"

namespace pulse::auth {
namespace {

constexpr unsigned long long passes = 2;
constexpr std::size_t memory = 64 * 1024 * 1024;
static_assert(passes == crypto_pwhash_argon2id_OPSLIMIT_INTERACTIVE &&
              memory == crypto_pwhash_argon2id_MEMLIMIT_INTERACTIVE);

void prepare_library() {
    static const bool ready = sodium_init() >= 0;
    if (!ready) throw std::runtime_error("libsodium cannot be initialised");
}

}  // namespace

std::string hash_password(std::string_view password) {
    prepare_library();
    std::array<char, crypto_pwhash_STRBYTES> hash{};
    if (crypto_pwhash_str_alg(hash.data(), password.data(), password.size(), passes, memory,
                              crypto_pwhash_ALG_ARGON2ID13) != 0) {
        throw std::bad_alloc();
    }
    return hash.data();
}

bool verify_password(std::string_view hash, std::string_view password) {
    if (is_bcrypt(hash)) return verify_bcrypt(hash, password);
    prepare_library();
    // libsodium wants the hash as a terminated string.
    std::array<char, crypto_pwhash_STRBYTES> text{};
    if (hash.empty() || hash.size() >= text.size()) return false;
    std::memcpy(text.data(), hash.data(), hash.size());
    return crypto_pwhash_str_verify(text.data(), password.data(), password.size()) == 0;
}

}  // namespace pulse::auth

#include "auth/jws.hpp"

#include <jansson.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <vector>

extern "C" {
#include <cjose/cjose.h>
}

namespace pulse::auth {
namespace {

template <auto release>
struct Release {
    template <class T>
    void operator()(T* object) const {
        release(object);
    }
};
using Jwk = std::unique_ptr<cjose_jwk_t, Release<cjose_jwk_release>>;
using Jws = std::unique_ptr<cjose_jws_t, Release<cjose_jws_release>>;
using Header = std::unique_ptr<cjose_header_t, Release<cjose_header_release>>;
using Bio = std::unique_ptr<BIO, Release<BIO_free>>;
using PublicKey = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using Number = std::unique_ptr<BIGNUM, Release<BN_free>>;

Jwk secret_key(std::string_view secret) {
    return Jwk(cjose_jwk_create_oct_spec(reinterpret_cast<const std::uint8_t*>(secret.data()), secret.size(),
                                         nullptr));
}

// A number of the key, big-endian; `size` 0: as many bytes as it needs.
std::vector<std::uint8_t> number_of(const EVP_PKEY* key, const char* name, std::size_t size = 0) {
    BIGNUM* raw = nullptr;
    if (EVP_PKEY_get_bn_param(key, name, &raw) != 1) return {};
    const Number number(raw);
    std::vector<std::uint8_t> bytes(size == 0 ? std::size_t(BN_num_bytes(raw)) : size);
    if (BN_bn2binpad(raw, bytes.data(), int(bytes.size())) < 0) return {};
    return bytes;
}

Error bad_key(std::string message) { return Error{ErrorCode::invalid, std::move(message)}; }

Result<Jwk> rsa_key(const EVP_PKEY* key) {
    if (EVP_PKEY_get_bits(key) < 2048)
        return bad_key("the RSA key is shorter than 2048 bits");  // RFC 7518, 3.3
    auto modulus = number_of(key, OSSL_PKEY_PARAM_RSA_N);
    auto exponent = number_of(key, OSSL_PKEY_PARAM_RSA_E);
    cjose_jwk_rsa_keyspec spec{};
    spec.n = modulus.data();
    spec.nlen = modulus.size();
    spec.e = exponent.data();
    spec.elen = exponent.size();
    Jwk jwk(cjose_jwk_create_RSA_spec(&spec, nullptr));
    if (!jwk) return bad_key("the RSA key cannot be used");
    return jwk;
}

Result<Jwk> p256_key(const EVP_PKEY* key) {
    constexpr std::size_t coordinate_size = 32;
    char group[64] = "";
    EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group, nullptr);
    if (std::string_view(group) != "prime256v1") return bad_key("the EC key is not on the curve P-256");
    auto x = number_of(key, OSSL_PKEY_PARAM_EC_PUB_X, coordinate_size);
    auto y = number_of(key, OSSL_PKEY_PARAM_EC_PUB_Y, coordinate_size);
    cjose_jwk_ec_keyspec spec{};
    spec.crv = CJOSE_JWK_EC_P_256;
    spec.x = x.data();
    spec.xlen = x.size();
    spec.y = y.data();
    spec.ylen = y.size();
    Jwk jwk(cjose_jwk_create_EC_spec(&spec, nullptr));
    if (!jwk) return bad_key("the EC key cannot be used");
    return jwk;
}

// Three parts of base64url without padding. cjose's decoder is more lenient, and a token that can be
// written in several ways defeats whoever compares or revokes tokens.
bool is_compact(std::string_view token) {
    static constexpr auto allowed = [] {
        std::array<bool, 256> table{};
        for (int c = '0'; c <= '9'; ++c) table[std::size_t(c)] = true;
        for (int c = 'A'; c <= 'Z'; ++c) table[std::size_t(c)] = table[std::size_t(c + 'a' - 'A')] = true;
        table['-'] = table['_'] = true;
        return table;
    }();
    std::size_t dots = 0;
    std::size_t part = 0;
    for (const char c : token) {
        if (c == '.') {
            if (part == 0 || ++dots > 2) return false;
            part = 0;
        } else if (allowed[static_cast<unsigned char>(c)]) {
            ++part;
        } else {
            return false;
        }
    }
    return dots == 2;  // the signature may be empty: `none` is told apart from nonsense
}

}  // namespace

struct JwsVerifier::Keys {
    struct Key {
        std::string_view algorithm;
        Jwk jwk;
    };
    std::vector<Key> allowed;
};

JwsVerifier::JwsVerifier(std::unique_ptr<Keys> keys) : keys_(std::move(keys)) {}
JwsVerifier::JwsVerifier(JwsVerifier&&) noexcept = default;
JwsVerifier& JwsVerifier::operator=(JwsVerifier&&) noexcept = default;
JwsVerifier::~JwsVerifier() = default;

Result<JwsVerifier> JwsVerifier::make(std::string_view hs256_secret, std::string_view public_key_pem) {
    auto keys = std::make_unique<Keys>();
    if (!hs256_secret.empty()) {
        auto jwk = secret_key(hs256_secret);
        if (!jwk) return bad_key("the secret cannot be used");
        keys->allowed.push_back({"HS256", std::move(jwk)});
    }
    if (!public_key_pem.empty()) {
        const Bio bio(BIO_new_mem_buf(public_key_pem.data(), int(public_key_pem.size())));
        const PublicKey key(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
        ERR_clear_error();
        if (!key) return bad_key("not a public key in PEM form (-----BEGIN PUBLIC KEY-----)");
        const int type = EVP_PKEY_get_base_id(key.get());
        if (type != EVP_PKEY_RSA && type != EVP_PKEY_EC) return bad_key("neither an RSA nor a P-256 key");
        auto jwk = type == EVP_PKEY_RSA ? rsa_key(key.get()) : p256_key(key.get());
        if (!jwk) return jwk.error();
        keys->allowed.push_back({type == EVP_PKEY_RSA ? "RS256" : "ES256", std::move(*jwk)});
    }
    if (keys->allowed.empty()) return bad_key("neither a secret nor a public key");
    return JwsVerifier(std::move(keys));
}

Result<std::string, TokenError> JwsVerifier::verify(std::string_view token) const {
    if (token.size() > token_limit || !is_compact(token)) return TokenError::malformed;
    const Jws jws(cjose_jws_import(token.data(), token.size(), nullptr));
    if (!jws) return TokenError::malformed;

    // The header is read by cjose alone: two parsers could see two different `alg`.
    auto* header = cjose_jws_get_protected(jws.get());
    const char* algorithm = cjose_header_get(header, CJOSE_HDR_ALG, nullptr);
    if (algorithm == nullptr) return TokenError::malformed;
    const auto key =
        std::find_if(keys_->allowed.begin(), keys_->allowed.end(),
                     [&](const Keys::Key& candidate) { return candidate.algorithm == algorithm; });
    if (key == keys_->allowed.end()) return TokenError::wrong_algorithm;
    // `crit` lists extensions that must be understood (RFC 7515, 4.1.11); we know none.
    // Asked of jansson, of which cjose's header is made, since cjose cannot tell `null` from absent.
    if (json_object_get(header, "crit") != nullptr) return TokenError::malformed;

    const bool genuine = cjose_jws_verify(jws.get(), key->jwk.get(), nullptr);
    if (!genuine) {
        ERR_clear_error();  // OpenSSL's queue belongs to the thread and would grow
        return TokenError::wrong_signature;
    }
    std::uint8_t* bytes = nullptr;
    std::size_t size = 0;
    if (!cjose_jws_get_plaintext(jws.get(), &bytes, &size, nullptr)) return TokenError::malformed;
    return std::string(reinterpret_cast<const char*>(bytes), size);
}

std::string sign_hs256(std::string_view secret, std::string_view payload) {
    const auto key = secret_key(secret);
    if (!key) throw std::invalid_argument("a token cannot be signed with an empty secret");
    const Header header(cjose_header_new(nullptr));
    if (!header || !cjose_header_set(header.get(), CJOSE_HDR_ALG, CJOSE_HDR_ALG_HS256, nullptr) ||
        !cjose_header_set(header.get(), "typ", "JWT", nullptr)) {
        throw std::bad_alloc();
    }
    const Jws jws(cjose_jws_sign(key.get(), header.get(),
                                 reinterpret_cast<const std::uint8_t*>(payload.data()), payload.size(),
                                 nullptr));
    const char* compact = nullptr;
    if (!jws || !cjose_jws_export(jws.get(), &compact, nullptr)) throw std::runtime_error("signing failed");
    return compact;
}

}  // namespace pulse::auth

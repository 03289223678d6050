#pragma once
// For tests: tokens as any issuer could make them, right or wrong, signed by OpenSSL alone, so that what
// is verified was not made by the library that verifies it.
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/base64.hpp"

namespace pulse::auth::test {

inline std::string signing_input(std::string_view header, std::string_view payload) {
    return base64url_encode(header) + "." + base64url_encode(payload);
}

inline std::string hmac_token(std::string_view header, std::string_view payload, std::string_view secret,
                              const EVP_MD* hash = EVP_sha256()) {
    const auto input = signing_input(header, payload);
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    HMAC(hash, secret.data(), int(secret.size()), reinterpret_cast<const unsigned char*>(input.data()),
         input.size(), mac, &size);
    return input + "." + base64url_encode({reinterpret_cast<const char*>(mac), size});
}

class KeyPair {
public:
    static KeyPair rsa(unsigned bits = 2048) { return KeyPair(EVP_RSA_gen(bits)); }
    static KeyPair ec(const char* curve = "P-256") { return KeyPair(EVP_EC_gen(curve)); }
    static KeyPair ed25519() { return KeyPair(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")); }

    std::string public_pem() const {
        return pem([&](BIO* bio) { return PEM_write_bio_PUBKEY(bio, key_.get()); });
    }
    std::string private_pem() const {
        return pem([&](BIO* bio) {
            return PEM_write_bio_PrivateKey(bio, key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
        });
    }

    std::string token(std::string_view header, std::string_view payload) const {
        const auto input = signing_input(header, payload);
        auto signature = sign(input);
        if (EVP_PKEY_get_base_id(key_.get()) == EVP_PKEY_EC) signature = raw_ecdsa(signature);
        return input + "." + base64url_encode(signature);
    }

private:
    explicit KeyPair(EVP_PKEY* key) : key_(key, EVP_PKEY_free) {}

    template <class Write>
    static std::string pem(Write write) {
        const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), BIO_free);
        write(bio.get());
        char* text = nullptr;
        const auto size = BIO_get_mem_data(bio.get(), &text);
        return std::string(text, std::size_t(size));
    }

    std::string sign(const std::string& input) const {
        const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                              EVP_MD_CTX_free);
        const auto* bytes = reinterpret_cast<const unsigned char*>(input.data());
        std::size_t size = 0;
        EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get());
        EVP_DigestSign(context.get(), nullptr, &size, bytes, input.size());
        std::string signature(size, '\0');
        EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes,
                       input.size());
        signature.resize(size);
        return signature;
    }

    // JWS wants r and s in 32 bytes each (RFC 7518, 3.4), OpenSSL gives DER.
    static std::string raw_ecdsa(const std::string& der) {
        const auto* at = reinterpret_cast<const unsigned char*>(der.data());
        const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> signature(
            d2i_ECDSA_SIG(nullptr, &at, long(der.size())), ECDSA_SIG_free);
        std::string raw(64, '\0');
        auto* out = reinterpret_cast<unsigned char*>(raw.data());
        BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), out, 32);
        BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), out + 32, 32);
        return raw;
    }

    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
};

}  // namespace pulse::auth::test

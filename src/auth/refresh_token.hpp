#pragma once
// Refresh tokens: 64 bytes in base64url that name their session and cannot be made up: its id, 32 random
// bytes, and a code over both under a key that only we have. So a session keeps the hash of its one valid
// token, and an older one is still told from nonsense: it is genuine, but not the one (contract section 4,
// *Sessions*). Any thread.
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "store/sessions.hpp"

namespace pulse::auth {

struct RefreshToken {
    SessionId session;
    std::string text;
    store::TokenHash hash{};  // of the text: what is stored
};

class RefreshTokens {
public:
    // JWT_SECRET, from which a key of our own is made. Empty: anybody could make that key, and nothing is
    // read.
    explicit RefreshTokens(std::string_view secret);

    RefreshToken make(SessionId session) const;
    std::optional<RefreshToken> read(std::string_view text) const;  // nullopt: not one that was made here

private:
    bool has_key_ = false;
    std::array<unsigned char, 32> key_{};
};

}  // namespace pulse::auth

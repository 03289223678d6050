#pragma once
// /api/auth (contract section 4, *Sessions*): signing in with a password, exchanging the refresh token,
// signing out. Tokens travel in cookies that scripts cannot read. Outlives the router it adds to.
#include <atomic>
#include <memory>
#include <string>

#include "auth/refresh_token.hpp"
#include "base/clock.hpp"
#include "base/worker.hpp"
#include "http/router.hpp"
#include "http/sign_in_limits.hpp"
#include "store/store.hpp"

namespace pulse::dashboard {

struct SessionStats {  // since the start; any thread may read
    std::atomic<std::uint64_t> signed_in{0};
    std::atomic<std::uint64_t> refused{0};  // wrong passwords
    std::atomic<std::uint64_t> limited{0};  // attempts that came too soon
    std::atomic<std::uint64_t> refreshed{0};
    std::atomic<std::uint64_t> lost{0};    // refreshes that another request was before
    std::atomic<std::uint64_t> reused{0};  // old refresh tokens, each of which revoked a session
    std::atomic<std::uint64_t> signed_out{0};
};

class SessionController {
public:
    // Without a secret nothing can be signed, and signing in is answered 503. Store and clock outlive it.
    SessionController(store::Store& store, const Clock& clock, std::string secret);
    void add_routes(http::Router& router);
    const SessionStats& stats() const { return stats_; }

private:
    struct Checked {
        bool right = false;
        std::optional<Duration> wait{};  // instead: too many failures
    };

    Task<net::Response> login(http::Context& context);
    Task<net::Response> refresh(http::Context& context);
    Task<net::Response> logout(http::Context& context);
    Task<Result<Checked>> check(std::string account, std::string hash, std::string password,
                                std::string address);
    Task<> until(TimePoint due) const;
    Task<net::Response> begin(store::User user, bool secure);
    net::Response signed_in(const store::User& user, const auth::RefreshToken& refresh, WallTime now,
                            bool secure) const;

    store::Store& store_;
    const Clock& clock_;
    const std::string secret_;
    const auth::RefreshTokens refresh_tokens_;
    const std::string nobodys_hash_;  // costs as much to compare with as anybody's
    http::SignInLimits limits_;
    SessionStats stats_;
    Worker passwords_;
};

}  // namespace pulse::dashboard

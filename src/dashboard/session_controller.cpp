#include "dashboard/session_controller.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <set>

#include "auth/password.hpp"
#include "auth/revoked_sessions.hpp"
#include "auth/token.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "dashboard/members.hpp"
#include "http/envelope.hpp"

namespace pulse::dashboard {

namespace json = boost::json;
using namespace std::chrono_literals;

namespace {

constexpr auto access_ttl = std::chrono::seconds(auth::access_token_ttl);
constexpr std::chrono::seconds refresh_ttl = std::chrono::days(30);
// Each comparison takes 64 MiB and a tenth of a second of one core.
constexpr unsigned password_threads = 2;
constexpr std::size_t most_waiting = 100;
// Nobody is told sooner that a password is wrong: what an adopted database's bcrypt takes is not what Argon2
// takes.
constexpr Duration least_refusal = 500ms;
// New cookies are handed out so long after the request. Until then nobody has them, so that whoever shows the
// old ones came at the same time and is no thief: another tab, whose request was on its way, to any node.
constexpr std::chrono::milliseconds answer_held{100};
constexpr std::chrono::milliseconds answer_margin{5};  // the store counts milliseconds
constexpr std::size_t longest_email = 320;
constexpr std::size_t longest_password = 1024;

// Tokens count whole seconds, and so does what is told of them.
WallTime access_expiry(WallTime now) { return std::chrono::floor<std::chrono::seconds>(now) + access_ttl; }

struct Credentials {
    std::string email;
    std::string password;
};

json::object user_json(UserId id, std::string_view email, std::string_view role) {
    return {{"user", {{"id", id.to_string()}, {"email", email}, {"role", role}}}};
}

void set_cookie(net::Response& response, std::string_view name, std::string_view value, std::string_view path,
                std::chrono::seconds age, bool secure) {
    std::string cookie(name);
    cookie.append("=").append(value).append("; Path=").append(path);
    cookie.append("; Max-Age=").append(std::to_string(age.count())).append("; HttpOnly; SameSite=Lax");
    if (secure) cookie.append("; Secure");
    response.set("Set-Cookie", std::move(cookie));
}

net::Response without_cookies(net::Response response, bool secure) {
    set_cookie(response, "accessToken", "", "/", 0s, secure);
    set_cookie(response, "refreshToken", "", "/api/auth", 0s, secure);
    return response;
}

net::Response refused(std::string_view message) {
    return http::to_response({ErrorCode::unauthorized, std::string(message)});
}

net::Response cannot_sign() {
    return http::to_response({ErrorCode::unavailable, "signing in needs JWT_SECRET, which is not set"});
}

Result<Credentials> read_credentials(const json::object& body) {
    Members members(body);
    members.allow_only({"email", "password"});
    members.require("email");
    members.require("password");
    std::optional<std::string> email;
    if (const auto text = members.text("email"))
        email = members.accept("email", checked_text(*text, 1, longest_email));
    const auto password = members.text("password");
    if (password && (password->empty() || password->size() > longest_password))
        members.wrong("password", "must be 1 to 1024 characters");
    if (!members.good()) return members.error();
    return Credentials{std::move(*email), std::string(*password)};
}

}  // namespace

SessionController::SessionController(store::Store& store, const Clock& clock, std::string secret)
    : store_(store),
      clock_(clock),
      secret_(std::move(secret)),
      refresh_tokens_(secret_),
      nobodys_hash_(auth::hash_password(random_base64url(16))),
      passwords_(password_threads, most_waiting) {}

void SessionController::add_routes(http::Router& router) {
    using http::Access;
    using http::Context;
    router.add("POST", "/api/auth/login", Access::anyone(),
               [this](Context& context) { return login(context); });
    router.add("POST", "/api/auth/refresh", Access::anyone(),
               [this](Context& context) { return refresh(context); });
    router.add("POST", "/api/auth/logout", Access::anyone(),
               [this](Context& context) { return logout(context); });
    router.add("GET", "/api/auth/me", Access::any_role(), [](Context& context) {
        const auto& who = context.identity;
        if (!who.role) return http::to_response({ErrorCode::forbidden, ""});
        return http::success(user_json(who.user_id, who.email, to_string(*who.role)));
    });
}

Task<net::Response> SessionController::login(http::Context& context) {
    const auto began = clock_.now();
    if (secret_.empty()) co_return cannot_sign();
    const auto body = http::read_object(context.request);
    if (!body) co_return body.error();
    const auto given = read_credentials(*body);
    if (!given) co_return http::to_response(given.error());

    // Whoever must wait anyway costs nobody's time.
    auto wait = limits_.wait(given->email, context.client_address, began);
    std::optional<store::User> user;
    if (!wait) {
        auto found = co_await store_.user_by_email(given->email);
        if (!found && found.error().code != ErrorCode::not_found) co_return http::to_response(found.error());
        if (found) user = std::move(*found);
        // By the account's own spelling: another one that the database takes for the same fails on its
        // account.
        auto checked = co_await check(user ? user->email : given->email, user ? user->password_hash : "",
                                      given->password, context.client_address);
        if (!checked) co_return http::to_response(checked.error());
        wait = checked->wait;
        if (!wait && !checked->right) {
            ++stats_.refused;
            log::info("sign-in refused from {}", context.client_address);
            co_await until(began + least_refusal);
            co_return refused("Wrong email address or password");
        }
    }
    if (wait) {
        ++stats_.limited;
        co_return http::too_many("Too many failed sign-ins; try again later", *wait);
    }
    auto answer = co_await begin(std::move(*user), context.secure);
    co_return answer;
}

// A user that does not exist, or has no password, takes as long as one whose password is wrong.
Task<Result<SessionController::Checked>> SessionController::check(std::string account, std::string hash,
                                                                  std::string password, std::string address) {
    return passwords_.run([this, account = std::move(account), hash = std::move(hash),
                           password = std::move(password),
                           address = std::move(address)]() -> Result<Checked> {
        if (auto wait = limits_.take(account, address, clock_.now())) return Checked{false, wait};
        const bool right = auth::verify_password(hash.empty() ? nobodys_hash_ : hash, password);
        if (hash.empty() || !right) return Checked{};
        limits_.succeeded(account, address);
        return Checked{true};
    });
}

Task<> SessionController::until(TimePoint due) const {
    const auto executor = co_await boost::asio::this_coro::executor;
    boost::asio::steady_timer timer(executor, due - clock_.now());
    co_await timer.async_wait(boost::asio::use_awaitable_t<Executor>());
}

Task<net::Response> SessionController::begin(store::User user, bool secure) {
    const auto now = clock_.wall_now();
    const auto token = refresh_tokens_.make(SessionId::random());
    auto begun = co_await store_.sessions().create_session(
        {token.session, user.id, token.hash, now, access_expiry(now), now + refresh_ttl});
    if (!begun) co_return http::to_response(begun.error());
    ++stats_.signed_in;
    co_return signed_in(user, token, now, secure);
}

net::Response SessionController::signed_in(const store::User& user, const auth::RefreshToken& refresh,
                                           WallTime now, bool secure) const {
    const auto role = to_string(user.role);
    auto data = user_json(user.id, user.email, role);
    data["expiresAt"] = to_iso8601(access_expiry(now));
    auto response = http::success(data);
    const auto access =
        auth::sign_token(secret_, user.id, user.email, role, now, access_ttl, refresh.session);
    set_cookie(response, "accessToken", access, "/", access_ttl, secure);
    set_cookie(response, "refreshToken", refresh.text, "/api/auth", refresh_ttl, secure);
    return response;
}

Task<net::Response> SessionController::refresh(http::Context& context) {
    const auto began = clock_.now();
    const auto now = clock_.wall_now();
    if (secret_.empty()) co_return cannot_sign();
    const auto shown = context.request.cookie("refreshToken");
    if (!shown || shown->empty()) co_return refused("Refresh token is required");
    const auto used = refresh_tokens_.read(*shown);
    if (!used) co_return without_cookies(refused("Invalid or expired refresh token"), context.secure);
    const auto next = refresh_tokens_.make(used->session);
    const store::Rotation rotation{.id = used->session,
                                   .used = used->hash,
                                   .next = next.hash,
                                   .arrived_at = now,
                                   .now = now,
                                   .held = answer_held,
                                   .access_expires_at = access_expiry(now),
                                   .expires_at = now + refresh_ttl};
    auto rotated = co_await store_.sessions().rotate_session(rotation);
    if (!rotated) co_return http::to_response(rotated.error());
    switch (rotated->outcome) {
        case store::Rotated::Outcome::rotated:
            ++stats_.refreshed;
            co_await until(clock_.now() + (rotated->answered_at - clock_.wall_now()) + answer_margin);
            co_return signed_in(rotated->user, next, now, context.secure);
        case store::Rotated::Outcome::lost:
            ++stats_.lost;
            // The winner's answer brings the cookies: this one must not take them away, and comes after it.
            co_await until(began + 2 * answer_held);
            co_return refused("Another request has just exchanged this refresh token");
        case store::Rotated::Outcome::reused:
            ++stats_.reused;
            log::warn("an old refresh token was used from {}: its session is revoked",
                      context.client_address);
            break;
        case store::Rotated::Outcome::unknown:
            break;
    }
    co_return without_cookies(refused("Invalid or expired refresh token"), context.secure);
}

// The refresh token names the session also when the access token has expired.
Task<net::Response> SessionController::logout(http::Context& context) {
    std::set<SessionId> named;
    if (context.identity.session) named.insert(*context.identity.session);
    if (const auto shown = context.request.cookie("refreshToken"))
        if (const auto token = refresh_tokens_.read(*shown)) named.insert(token->session);
    for (const auto& session : named) {
        auto revoked = co_await store_.sessions().revoke_session(session);
        if (!revoked) co_return http::to_response(revoked.error());
        ++stats_.signed_out;
    }
    co_return without_cookies(http::success({}), context.secure);
}

}  // namespace pulse::dashboard

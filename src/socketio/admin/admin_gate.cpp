#include "socketio/admin/admin_gate.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/json/object.hpp>
#include <stdexcept>

#include "base/random.hpp"

namespace pulse::socketio {
namespace {

constexpr std::size_t most_waiting = 16;
constexpr std::size_t longest_credential = 1024;  // in bytes; what is longer is not looked at
constexpr std::string_view session_owner = "admin";

// Kept by a socket that showed credentials, for new_session().
struct SignedIn {};

std::string text_in(const boost::json::object& auth, std::string_view name) {
    const auto* value = auth.if_contains(boost::json::string_view(name.data(), name.size()));
    if (!value || !value->is_string() || value->get_string().size() > longest_credential) return {};
    return std::string(value->get_string());
}

// In a time that says neither how much of it is right nor how long it is.
bool equal(std::string_view a, std::string_view b) {
    unsigned char left[EVP_MAX_MD_SIZE];
    unsigned char right[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (!EVP_Digest(a.data(), a.size(), left, &size, EVP_sha256(), nullptr) ||
        !EVP_Digest(b.data(), b.size(), right, &size, EVP_sha256(), nullptr)) {
        throw std::runtime_error("SHA-256 failed");
    }
    return CRYPTO_memcmp(left, right, size) == 0;
}

}  // namespace

AdminAuth AdminAuth::none() {
    AdminAuth auth;
    auth.open_ = true;
    return auth;
}

AdminAuth AdminAuth::password(std::string username, std::string password) {
    if (password.empty()) throw std::invalid_argument("the admin's password is empty");
    AdminAuth auth;
    auth.username_ = std::move(username);
    auth.password_ = std::move(password);
    return auth;
}

AdminAuth AdminAuth::verify(Verify verify) {
    if (!verify) throw std::invalid_argument("there is nothing to verify the admin's password with");
    AdminAuth auth;
    auth.verify_ = std::move(verify);
    return auth;
}

AdminGate::AdminGate(const AdminOptions& options)
    : auth_(options.auth),
      nsp_(options.namespace_name),
      lifetime_(options.session_lifetime),
      seal_(options.session_secret.empty() ? random_base64url(32) : options.session_secret) {
    if (auth_.verify_) worker_ = std::make_unique<Worker>(1, most_waiting);
}

bool AdminGate::may_try(TimePoint now) {
    const auto minute = std::chrono::floor<std::chrono::minutes>(now.time_since_epoch()).count();
    if (minute_.exchange(minute) != minute) failures_ = 0;
    return failures_ < failures_per_minute;
}

void AdminGate::answer(Next& next, bool right) {
    if (right) return next();
    ++failures_;
    next.refuse({"invalid credentials"});  // the text by which the application asks for others
}

void AdminGate::admit(Socket& socket, Next next) {
    if (auth_.open_) return next();
    const auto& shown = socket.handshake().auth;
    const auto session = text_in(shown, "sessionId");
    auto username = text_in(shown, "username");
    auto password = text_in(shown, "password");
    socket.drop_handshake();
    if (!session.empty() && is_session(socket, session)) return next();
    socket.data() = std::make_shared<SignedIn>();
    if (password.empty() || !may_try(socket.home().clock().now())) return answer(next, false);
    if (!worker_) {
        const bool right_name = equal(username, auth_.username_);
        const bool right_password = equal(password, auth_.password_);
        return answer(next, right_name && right_password);
    }
    boost::asio::co_spawn(
        socket.home().executor(),
        verify(shared_from_this(), std::move(username), std::move(password), std::move(next)),
        [](const std::exception_ptr&) {});  // a Next that is lost refuses
}

Task<> AdminGate::verify(std::shared_ptr<AdminGate> gate, std::string username, std::string password,
                         Next next) {
    auto job = [gate, username, password]() -> Result<bool> {
        return gate->auth_.verify_(username, password);
    };
    const auto right = co_await gate->worker_->run(std::move(job));
    gate->answer(next, right.has_value() && *right);
}

std::optional<std::string> AdminGate::new_session(Socket& socket) const {
    if (!std::exchange(socket.data(), nullptr)) return std::nullopt;
    return seal_.seal(nsp_, session_owner, socket.home().id(), {}, socket.home().clock().wall_now()).pid;
}

bool AdminGate::is_session(Socket& socket, std::string_view session) const {
    return seal_.open(session, nsp_, session_owner, socket.home().clock().wall_now(), lifetime_).has_value();
}

}  // namespace pulse::socketio

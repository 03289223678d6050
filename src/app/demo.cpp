#include <stdlib.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <filesystem>
#include <iostream>

#include "app/demo_data.hpp"
#include "app/serve.hpp"
#include "app/server.hpp"
#include "app/signals.hpp"
#include "auth/token.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "dashboard/simulator.hpp"
#include "http/envelope.hpp"

namespace pulse::app {

using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

constexpr auto page_token_ttl = std::chrono::hours(12);
constexpr auto simulator_token_ttl = std::chrono::hours(24 * 365);

// A database that lasts as long as the demo.
class TemporaryFolder {
public:
    TemporaryFolder() {
        auto pattern = (std::filesystem::temp_directory_path() / "pulseboard-demo-XXXXXX").string();
        if (!mkdtemp(pattern.data())) throw std::runtime_error("cannot make a folder in " + pattern);
        path_ = pattern;
    }
    ~TemporaryFolder() {
        std::error_code ignored;  // what is left in /tmp does no harm
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

// The routes only the demo has: a session for whoever opens the page, and the simulator's switch. Safe
// because the demo listens on 127.0.0.1 alone and owns nothing real.
class DemoRoutes {
public:
    DemoRoutes(std::string secret, DemoTenant tenant)
        : secret_(std::move(secret)), tenant_(std::move(tenant)) {}

    void add_to(http::Router& router) {
        router.add("GET", "/demo/session", http::Access::anyone(),
                   [this](http::Context&) { return session(); });
        router.add("GET", "/demo/simulator", http::Access::anyone(),
                   [this](http::Context&) { return state(); });
        router.add("POST", "/demo/simulator", http::Access::anyone(),
                   [this](http::Context& context) { return change(context.request); });
    }
    void control(dashboard::Simulator* simulator) { simulator_ = simulator; }

private:
    net::Response session() const {
        const auto token = auth::sign_token(secret_, tenant_.id, tenant_.email, "tenant",
                                            system_clock().wall_now(), page_token_ttl);
        auto response = http::success({{"user", {{"id", tenant_.id.to_string()}, {"email", tenant_.email}}}});
        response.set("Set-Cookie", "accessToken=" + token + "; Path=/; HttpOnly; SameSite=Lax");
        response.set("Cache-Control", "no-store");
        return response;
    }
    net::Response state() const {
        const auto* simulator = simulator_.load();
        return http::success({{"paused", simulator && simulator->paused()}});
    }
    net::Response change(const net::Request& request) {
        const auto body = http::read_object(request);
        if (!body) return body.error();
        const auto* paused = body->if_contains("paused");
        if (!paused || !paused->is_bool() || body->size() != 1)
            return http::to_response(
                {ErrorCode::invalid, "The body is wrong", {{"paused", "must be true or false"}}});
        if (auto* simulator = simulator_.load()) simulator->set_paused(paused->get_bool());
        return state();
    }

    const std::string secret_;
    const DemoTenant tenant_;
    std::atomic<dashboard::Simulator*> simulator_{nullptr};
};

template <class T>
T wait_for(Server& server, Task<T> task) {
    return boost::asio::co_spawn(server.shards()[0].executor(), std::move(task), boost::asio::use_future)
        .get();
}

int fail(const std::string& message) {
    std::cerr << "pulseboard: " << message << std::endl;
    return 1;
}

dashboard::Simulator::Access simulator_access(const Settings& settings, const DemoTenant& tenant,
                                              std::uint16_t port) {
    const auto now = system_clock().wall_now();
    return {.port = port,
            .service_token = auth::sign_token(settings.jwt_secret, UserId::random(), "", "service", now,
                                              simulator_token_ttl),
            .tenant_token = auth::sign_token(settings.jwt_secret, tenant.id, tenant.email, "tenant", now,
                                             simulator_token_ttl)};
}

}  // namespace

int demo(Settings settings) {
    Signals signals;
    log::setup(settings.log_level, settings.log_format);
    const TemporaryFolder folder;
    settings.host = "127.0.0.1";
    settings.database = {Database::Kind::sqlite, folder.path() / "demo.db"};
    settings.redis_url.clear();
    // Never the operator's keys: the demo gives its tokens to whoever opens the page.
    settings.jwt_secret = random_base64url(32);
    settings.jwt_public_key_pem.clear();

    const auto tenant = make_demo_tenant();
    DemoRoutes routes(settings.jwt_secret, tenant);
    auto server = Server::make(settings, {.routes = [&](http::Router& router) { routes.add_to(router); },
                                          .demo_account = DemoAccount{tenant.email, tenant.password}});
    if (!server) return fail(server.error().message);
    if (const auto started = (*server)->start(); !started) return fail(started.error().message);
    auto businesses =
        wait_for(**server, fill_with_demo_data((*server)->store(), tenant, system_clock().wall_now()));
    if (!businesses) return fail(businesses.error().message);

    const auto port = (*server)->port();
    std::cout << "listening on http://127.0.0.1:" << port << "\n"
              << "demo tenant: " << tenant.email << ", password: " << tenant.password << std::endl;
    {
        dashboard::Simulator simulator(simulator_access(settings, tenant, port), std::move(*businesses));
        routes.control(&simulator);
        signals.wait();
        routes.control(nullptr);
    }
    (*server)->stop();
    log::flush();
    return 0;
}

}  // namespace pulse::app

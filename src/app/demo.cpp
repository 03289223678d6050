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

namespace pulse::app {

using namespace std::chrono_literals;

namespace {

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
    settings.auto_migrate = true;  // the database is always a new one
    // Never the operator's keys: the demo gives its tokens to whoever opens the page.
    settings.jwt_secret = random_base64url(32);
    settings.jwt_public_key_pem.clear();

    const auto tenant = make_demo_tenant();
    auto server = Server::make(settings, DemoAccount{tenant.email, tenant.password});
    if (!server) return fail(server.error().message);
    if (const auto started = (*server)->start(); !started) return fail(started.error().message);
    auto businesses =
        wait_for(**server, fill_with_demo_data((*server)->store(), tenant, system_clock().wall_now()));
    if (!businesses) return fail(businesses.error().message);

    const auto port = (*server)->port();
    std::cout << "listening on http://127.0.0.1:" << port << "\n"
              << "demo tenant: " << tenant.email << ", password: " << tenant.password << std::endl;
    {
        const dashboard::Simulator simulator(simulator_access(settings, tenant, port),
                                             std::move(*businesses));
        signals.wait();
    }
    (*server)->stop();
    log::flush();
    return 0;
}

}  // namespace pulse::app

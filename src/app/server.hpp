#pragma once
// The whole server, built from settings: the map of the program. Started and stopped by one thread that is
// none of its shards.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "app/settings.hpp"
#include "app/web_app.hpp"
#include "base/result.hpp"
#include "net/shard.hpp"
#include "store/store.hpp"

namespace pulse::app {

class Server {
public:
    // Opens nothing yet. Error: a key that cannot be used.
    static Result<std::unique_ptr<Server>> make(const Settings& settings,
                                                const std::optional<DemoAccount>& demo = {});
    ~Server();  // after stop(), or if start() was never called or failed

    // Opens the database, then listens. The error's message is for the operator.
    Result<void> start();
    std::uint16_t port() const;
    store::Store& store();
    net::ShardPool& shards();

    // Drains: no new connections, sockets closed in slices so that clients come back elsewhere, answers under
    // way finished, everything acknowledged written. Blocking.
    void stop();

private:
    struct Impl;
    explicit Server(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace pulse::app

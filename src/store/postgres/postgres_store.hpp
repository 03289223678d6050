#pragma once
// The store on PostgreSQL 15 or later, for several nodes that share one database. app alone includes this.
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/store.hpp"

namespace pulse::store::postgres {

struct PostgresOptions {
    std::string url;       // postgresql://…, with what libpq knows (sslmode, several hosts, …)
    unsigned readers = 6;  // connections; one more listens
    unsigned writers = 4;
    const Clock* clock = &system_clock();  // outlives the store
    std::size_t max_waiting = 10'000;      // reads, and as many writes; beyond it calls fail with unavailable
    // How long a call waits for a connection, before it fails with unavailable.
    std::chrono::milliseconds patience{5'000};
    std::chrono::milliseconds connect_timeout{3'000};
    std::chrono::milliseconds statement_timeout{5'000};
    std::chrono::milliseconds lock_timeout{3'000};
    std::chrono::milliseconds trim_interval{30'000};
};

// Whether libpq can read it. Nothing is looked up or opened.
Result<void> check_url(const std::string& url);

// Starts the threads; connections are opened when they are first needed, and again when they are lost. Fails
// with invalid if the URL cannot be one. stop(), which the destructor calls too, must come before the event
// loops that await the store's tasks are destroyed (they may have stopped running).
Result<std::unique_ptr<Store>> open_postgres(PostgresOptions options);

}  // namespace pulse::store::postgres

#pragma once
// The store on SQLite, the embedded default. app alone includes this.
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/store.hpp"

namespace pulse::store::sqlite {

struct SqliteOptions {
    std::string path;
    unsigned readers = 2;
    const Clock* clock = &system_clock();           // outlives the store
    std::chrono::milliseconds busy_timeout{5'000};  // how long another process may hold the write lock
    std::chrono::milliseconds feed_interval{40};    // how soon writes of other processes are noticed
    std::chrono::milliseconds trim_interval{30'000};
    std::size_t max_reads = 10'000;  // waiting; beyond it calls fail with unavailable
    std::size_t max_writes = 10'000;
};

// Starts the threads; the file is created by migrate(), and is opened when it is first needed. Fails with
// invalid if the path cannot hold a database. stop(), which the destructor calls too, must come before the
// event loops that await the store's tasks are destroyed (they may have stopped running).
Result<std::unique_ptr<Store>> open_sqlite(const SqliteOptions& options);

}  // namespace pulse::store::sqlite

#pragma once
// For tests: a database file of its own, and plain SQL on it through the C API, as another program would.
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/random.hpp"

namespace pulse::store::sqlite {

class TemporaryFile {
public:
    // In memory where the machine has such a folder: a test commits hundreds of times.
    TemporaryFile() : path_((folder() / ("pulse-" + random_base64url(12) + ".db")).string()) {}
    ~TemporaryFile() {
        // With its -wal and -shm, and whatever a test or a store put beside it under a name that begins so.
        for (const auto& entry : std::filesystem::directory_iterator(folder(), ignored_))
            if (entry.path().string().starts_with(path_)) std::filesystem::remove(entry, ignored_);
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    const std::string& path() const { return path_; }

private:
    static std::filesystem::path folder() {
        std::error_code ignored;
        const std::filesystem::path memory("/dev/shm");
        return std::filesystem::is_directory(memory, ignored) && access(memory.c_str(), W_OK) == 0
                   ? memory
                   : std::filesystem::temp_directory_path();
    }

    const std::string path_;
    std::error_code ignored_;
};

// Foreign keys and recursive triggers as in a plain sqlite3 session: off.
class PlainSql {
public:
    explicit PlainSql(const std::string& path) {
        if (sqlite3_open(path.c_str(), &raw_) != SQLITE_OK) throw std::runtime_error("cannot open " + path);
        sqlite3_busy_timeout(raw_, 10'000);
    }
    ~PlainSql() { sqlite3_close(raw_); }
    PlainSql(const PlainSql&) = delete;
    PlainSql& operator=(const PlainSql&) = delete;

    // The message of the failure; empty: none.
    std::string attempt(const std::string& sql) {
        return sqlite3_exec(raw_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK ? ""
                                                                                       : sqlite3_errmsg(raw_);
    }
    void exec(const std::string& sql) {
        if (const auto failure = attempt(sql); !failure.empty())
            throw std::runtime_error(failure + ": " + sql);
    }
    std::vector<std::vector<std::string>> rows(const std::string& sql) {
        std::vector<std::vector<std::string>> all;
        sqlite3_stmt* statement = nullptr;
        if (sqlite3_prepare_v2(raw_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK)
            throw std::runtime_error(sqlite3_errmsg(raw_) + (": " + sql));
        while (sqlite3_step(statement) == SQLITE_ROW) {
            auto& row = all.emplace_back();
            for (int i = 0; i < sqlite3_column_count(statement); ++i) {
                const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, i));
                row.emplace_back(text ? text : "NULL");
            }
        }
        sqlite3_finalize(statement);
        return all;
    }
    std::string value(const std::string& sql) {
        const auto all = rows(sql);
        return all.empty() ? "" : all[0][0];
    }

private:
    sqlite3* raw_ = nullptr;
};

}  // namespace pulse::store::sqlite

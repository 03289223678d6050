#pragma once
// The file that a store's connections open, shared by them. SQLite finds the write-ahead log by its name:
// when another database is put in place of ours while its log still lies there, the new one would be read
// through the old log and ruined. This remembers which log belongs to which file, sets a stale one aside,
// and puts it back with its file. Any thread.
#include <sys/types.h>

#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pulse::store::sqlite {

class DatabaseFile {
public:
    explicit DatabaseFile(std::string path) : path_(std::move(path)) {}
    ~DatabaseFile();
    DatabaseFile(const DatabaseFile&) = delete;
    DatabaseFile& operator=(const DatabaseFile&) = delete;

    // Held while a connection is opened, by one at a time, until it has read and so has its log. In order:
    std::unique_lock<std::mutex> opening() { return std::unique_lock(mutex_); }
    void before_open();
    bool same_as_before() const;  // no other file came between
    void after_read();

private:
    using Identity = std::pair<dev_t, ino_t>;
    struct File {
        Identity identity;
        int pinned;                   // a descriptor, so that no other file gets its inode number
        std::optional<Identity> log;  // beside it, when a connection last read
        std::string aside;            // what was added to the name of its log; empty: nothing
    };
    static std::optional<Identity> identity_of(const std::string& path);
    void set_log_aside(File& former);
    void put_log_back(File& file);

    const std::string path_;
    std::mutex mutex_;
    std::vector<File> files_;  // that were to be opened here, the latest last
};

}  // namespace pulse::store::sqlite

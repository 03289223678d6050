#include "store/sqlite/database_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/log.hpp"

namespace pulse::store::sqlite {

DatabaseFile::~DatabaseFile() {
    for (const auto& file : files_) close(file.pinned);
}

std::optional<DatabaseFile::Identity> DatabaseFile::identity_of(const std::string& path) {
    struct stat found{};
    if (stat(path.c_str(), &found) != 0) return std::nullopt;
    return Identity{found.st_dev, found.st_ino};
}

void DatabaseFile::before_open() {
    const auto identity = identity_of(path_);
    if (!identity || (!files_.empty() && files_.back().identity == *identity)) return;
    if (!files_.empty()) set_log_aside(files_.back());
    auto file = std::find_if(files_.begin(), files_.end(),
                             [&](const File& known) { return known.identity == *identity; });
    if (file != files_.end()) {
        put_log_back(*file);
        std::rotate(file, file + 1, files_.end());
        return;
    }
    // O_PATH, because closing any other kind of descriptor drops the process's locks on the file.
    const int pinned = open(path_.c_str(), O_PATH | O_CLOEXEC);
    if (pinned >= 0) files_.push_back({*identity, pinned, std::nullopt, ""});
}

void DatabaseFile::set_log_aside(File& former) {
    if (!former.log || identity_of(path_ + "-wal") != former.log) return;
    const auto name = ".former-" + std::to_string(former.identity.second);
    std::error_code failed;
    std::filesystem::rename(path_ + "-wal", path_ + "-wal" + name, failed);
    if (failed) {
        log::error("store: {} was replaced, and its -wal of the former file is in the way: {}", path_,
                   failed.message());
        return;
    }
    // The index of the log goes along: connections to the former file still use it.
    std::filesystem::rename(path_ + "-shm", path_ + "-shm" + name, failed);
    former.aside = name;
    log::error("store: {} was replaced; {}-wal{} holds the last changes of the former file", path_, path_,
               name);
}

void DatabaseFile::put_log_back(File& file) {
    std::error_code failed;
    if (file.aside.empty() || std::filesystem::exists(path_ + "-wal", failed)) return;
    for (const auto* suffix : {"-shm", "-wal"})
        std::filesystem::rename(path_ + suffix + file.aside, path_ + suffix, failed);
    if (!failed) log::info("store: the former {} is back, and its last changes with it", path_);
    file.aside.clear();
}

bool DatabaseFile::same_as_before() const {
    return files_.empty() || identity_of(path_) == files_.back().identity;
}

void DatabaseFile::after_read() {
    if (!files_.empty() && same_as_before()) files_.back().log = identity_of(path_ + "-wal");
}

}  // namespace pulse::store::sqlite

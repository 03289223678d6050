#pragma once
// One log line when a connection is lost or cannot be made, for each different reason, and one when it is
// there again. Touched on the connection's shard only.
#include <set>
#include <string>

namespace pulse::redis {

class Announcer {
public:
    explicit Announcer(std::string what) : what_(std::move(what)) {}

    void up();
    void lost(const std::string& why, bool was_up);

private:
    const std::string what_;
    bool down_ = false;
    std::set<std::string> reasons_;  // told since it was up
};

}  // namespace pulse::redis

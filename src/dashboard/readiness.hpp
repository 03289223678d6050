#pragma once
// Whether this node can serve, proven each time it is asked: every check goes through its dependency and
// back. However many ask at once, each check runs once; one that does not come back in time is said to
// have failed, and is not started again before it does. Safe from any shard.
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/task.hpp"
#include "net/shard.hpp"

namespace pulse::dashboard {

// What a failed check means: no traffic for this node, or that it is slower than it should be.
enum class Weight { required, advisory };

struct ReadinessCheck {
    std::string name;
    Weight weight = Weight::required;
    std::function<Task<Result<void>>()> run;
};

struct CheckOutcome {
    std::string name;
    Weight weight = Weight::required;
    Duration took{};
    std::string error;  // empty: it works. For anybody who asks, so without the dependency's own words.
    bool operator==(const CheckOutcome&) const = default;
};

struct ReadinessReport {
    bool draining = false;
    std::vector<CheckOutcome> checks;  // in the order they were given
    bool ready() const;
    bool operator==(const ReadinessReport&) const = default;
};

class Readiness {
public:
    // A check that takes longer than `bound` has failed. The shards outlive this.
    Readiness(net::ShardPool& shards, std::vector<ReadinessCheck> checks, Duration bound);
    ~Readiness();  // after wait_until_idle()

    Task<ReadinessReport> report();
    // Not ready from now on.
    void drain();
    // Waits for checks that are still under way; when their dependencies are stopped, so that they end. Not
    // on a shard, while the shards run.
    void wait_until_idle();

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace pulse::dashboard

#pragma once
// How many sessions each address has, over all shards (Options::max_sessions_per_address). Any thread.
#include <array>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>

namespace pulse::engineio {

class AddressCounts {
public:
    // False if the address has `most` already; else it has one more.
    bool enter(const std::string& address, std::size_t most);
    void leave(const std::string& address);

private:
    // Striped, so that shards whose sessions come and go do not wait for each other.
    struct Stripe {
        std::mutex mutex;
        std::unordered_map<std::string, std::size_t> counts;
    };
    Stripe& stripe_of(const std::string& address) {
        return stripes_[std::hash<std::string>()(address) % stripes_.size()];
    }
    std::array<Stripe, 16> stripes_;
};

}  // namespace pulse::engineio

#pragma once
// Plausible landlords for the demo: views, clicks, invites, messages and now and then a new business, about
// two events a second, sent through the public API like anybody else's. Runs on a thread of its own.
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "dashboard/http_client.hpp"
#include "store/types.hpp"

namespace pulse::dashboard {

// What happens next; pure but for its random source.
struct SimulatedAction {
    bool new_business = false;
    store::ActivityType type = store::ActivityType::view;
    std::size_t business = 0;  // index
    std::int64_t count = 1;
};
SimulatedAction next_action(std::mt19937_64& random, std::size_t businesses);
// "Harbour Bakery", "food": for the n-th business of a demo tenant.
std::pair<std::string, std::string> simulated_name(std::size_t n);

class Simulator {
public:
    struct Access {
        std::uint16_t port = 0;
        std::string service_token;  // for POST /api/activity
        std::string tenant_token;   // for POST /api/businesses
    };
    Simulator(Access access, std::vector<BusinessId> businesses);
    ~Simulator();  // stops

private:
    void run();
    void act();
    void send_activity(const SimulatedAction& action);
    void send_business();
    void remove_business();
    bool wait(Duration duration);  // false: stop

    const Access access_;
    std::vector<BusinessId> businesses_;
    std::size_t named_;  // how many names were given
    HttpClient client_;
    std::mt19937_64 random_;
    std::mutex mutex_;
    std::condition_variable stop_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace pulse::dashboard

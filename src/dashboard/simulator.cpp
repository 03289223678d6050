#include "dashboard/simulator.hpp"

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/log.hpp"
#include "base/random.hpp"

namespace pulse::dashboard {

namespace json = boost::json;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t most_businesses = 60;

std::string_view type_name(store::ActivityType type) {
    switch (type) {
        case store::ActivityType::view:
            return "view";
        case store::ActivityType::click:
            return "click";
        case store::ActivityType::invite:
            return "invite";
        case store::ActivityType::decline:
            return "decline";
        case store::ActivityType::message:
            return "message";
        case store::ActivityType::qfp:
            return "qfp";
    }
    return "view";
}

std::uint64_t random_seed() {
    std::array<unsigned char, 8> bytes{};
    random_bytes(bytes);
    std::uint64_t seed = 0;
    for (const auto byte : bytes) seed = seed << 8 | byte;
    return seed;
}

}  // namespace

SimulatedAction next_action(std::mt19937_64& random, std::size_t businesses) {
    using store::ActivityType;
    const auto roll = std::uniform_int_distribution<int>(0, 99)(random);
    if (businesses == 0 || roll < 2) return {.new_business = true};
    SimulatedAction action;
    // Few businesses get most of the attention, as in life.
    const auto skewed = std::uniform_real_distribution<double>(0, 1)(random);
    action.business = std::min(businesses - 1, std::size_t(skewed * skewed * double(businesses)));
    action.type = roll < 55   ? ActivityType::view
                  : roll < 70 ? ActivityType::click
                  : roll < 82 ? ActivityType::message
                  : roll < 93 ? ActivityType::invite
                  : roll < 97 ? ActivityType::decline
                              : ActivityType::qfp;
    if (action.type == ActivityType::view) action.count = std::uniform_int_distribution<int>(1, 4)(random);
    return action;
}

std::pair<std::string, std::string> simulated_name(std::size_t n) {
    static constexpr std::array places{"Harbour", "Old Town", "Riverside", "Station",
                                       "Market",  "Garden",   "Hilltop"};
    static constexpr std::array<std::pair<const char*, const char*>, 8> trades{{{"Bakery", "food"},
                                                                                {"Bikes", "retail"},
                                                                                {"Books", "retail"},
                                                                                {"Coffee", "food"},
                                                                                {"Yoga", "wellness"},
                                                                                {"Flowers", "retail"},
                                                                                {"Barbers", "services"},
                                                                                {"Studio", "office"}}};
    const auto& [trade, category] = trades[n % trades.size()];
    auto name = std::string(places[n % places.size()]) + " " + trade;
    if (const auto round = n / (places.size() * trades.size())) name += " " + std::to_string(round + 1);
    return {std::move(name), category};
}

Simulator::Simulator(Access access, std::vector<BusinessId> businesses)
    : access_(std::move(access)),
      businesses_(std::move(businesses)),
      named_(businesses_.size()),
      client_("127.0.0.1", access_.port, 5s),
      random_(random_seed()),
      thread_([this] { run(); }) {}

Simulator::~Simulator() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    stop_.notify_all();
    thread_.join();
}

bool Simulator::wait(Duration duration) {
    std::unique_lock lock(mutex_);
    return !stop_.wait_for(lock, duration, [this] { return stopping_; });
}

void Simulator::run() {
    // About two a second, unevenly, so that the page looks like people and not like a clock.
    std::uniform_int_distribution<int> pause(200, 800);
    while (wait(std::chrono::milliseconds(pause(random_)))) act();
}

void Simulator::act() {
    const auto action = next_action(random_, businesses_.size());
    if (action.new_business) {
        if (businesses_.size() >= most_businesses) remove_business();
        send_business();
    } else {
        send_activity(action);
    }
}

void Simulator::send_activity(const SimulatedAction& action) {
    const json::object event{{"id", EventId::random().to_string()},
                             {"businessId", businesses_[action.business].to_string()},
                             {"type", type_name(action.type)},
                             {"count", action.count}};
    const auto reply = client_.send("POST", "/api/activity", access_.service_token,
                                    json::serialize(json::object{{"events", json::array{event}}}));
    if (!reply) return log::debug("simulator: {}", reply.error().message);
    if (reply->status != 200) log::warn("simulator: POST /api/activity answered {}", reply->status);
}

// One of the last comers goes, so that new ones can keep coming.
void Simulator::remove_business() {
    const auto id = businesses_.back();
    businesses_.pop_back();
    const auto reply = client_.send("DELETE", "/api/businesses/" + id.to_string(), access_.tenant_token, "");
    if (!reply) log::debug("simulator: {}", reply.error().message);
}

void Simulator::send_business() {
    const auto [name, category] = simulated_name(named_++);
    const json::object body{{"name", name}, {"category", category}, {"status", "active"}};
    const auto reply = client_.send("POST", "/api/businesses", access_.tenant_token, json::serialize(body));
    if (!reply) return log::debug("simulator: {}", reply.error().message);
    if (reply->status != 201) return log::warn("simulator: POST /api/businesses answered {}", reply->status);
    const auto answer = json::parse(reply->body);
    const auto id = BusinessId::parse(answer.at("data").at("business").at("id").as_string());
    if (id) businesses_.push_back(*id);
}

}  // namespace pulse::dashboard

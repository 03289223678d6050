#include "socketio/cluster/redis_bus.hpp"

#include <algorithm>

namespace pulse::socketio::cluster {
namespace {

// [channel, count, channel, count, …]
Bus::Counts read_counts(const Result<redis::Reply>& reply, std::size_t channels) {
    if (!reply || !reply->is_list() || reply->list.size() != 2 * channels) return std::nullopt;
    std::vector<std::uint64_t> counts;
    for (std::size_t i = 1; i < reply->list.size(); i += 2) {
        counts.push_back(std::uint64_t(std::max<std::int64_t>(0, reply->list[i].integer)));
    }
    return counts;
}

}  // namespace

void RedisBus::publish(std::string_view channel, std::string_view body) {
    client_.publish(channel, body, [stats = stats_](bool taken) {
        (taken ? stats->published : stats->unpublished).fetch_add(1, std::memory_order_relaxed);
    });
}

void RedisBus::count_subscribers(std::vector<std::string> channels, std::function<void(Counts)> done) {
    std::vector<std::string_view> words{"PUBSUB", "NUMSUB"};
    words.insert(words.end(), channels.begin(), channels.end());
    client_.send(redis::Command(words), [asked = channels.size(), done = std::move(done)](
                                            Result<redis::Reply> reply) { done(read_counts(reply, asked)); });
}

}  // namespace pulse::socketio::cluster

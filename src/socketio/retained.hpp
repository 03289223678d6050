#pragma once
// The latest event per room and key, which who joins the room is sent. Each shard has all of them, set by the
// same step that sends the event to the shard's sockets: so a join meets each value either here or live,
// never both and never an older one after a newer. Pure; touched only on its shard.
#include <boost/multi_index/composite_key.hpp>
#include <boost/multi_index/hashed_index.hpp>
#include <boost/multi_index/member.hpp>
#include <boost/multi_index/ordered_index.hpp>
#include <boost/multi_index_container.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "socketio/outgoing.hpp"

namespace pulse::socketio {

class RetainedValues {
public:
    // nullopt: the namespace itself, which every socket joins when it connects.
    using Room = std::optional<std::string_view>;
    // How many forgotten keys are remembered, lest a value that was emitted earlier on another thread, and
    // arrives later, brings one back.
    static constexpr std::size_t most_forgotten = 1024;

    RetainedValues(std::size_t max_values, std::size_t max_bytes)
        : max_values_(max_values), max_bytes_(max_bytes) {}

    // False: there is a newer version, or it was forgotten since. Versions never repeat. Beyond the bounds
    // the values that were set the longest time ago make room.
    bool set(Room room, std::string_view key, Outgoing packet, std::uint64_t version);
    // No key: all of the room.
    void forget(Room room, std::optional<std::string_view> key, std::uint64_t version);
    // In the order in which they were set.
    std::vector<Outgoing> of(Room room) const;

    std::size_t size() const { return values_.size(); }
    std::size_t bytes() const { return bytes_; }
    std::uint64_t evicted() const { return evicted_; }

private:
    struct Value {
        std::string room;
        std::string key;
        Outgoing packet;
        std::uint64_t version;
        std::uint64_t turn;  // of setting, on this shard
        std::size_t bytes() const { return packet.bytes() + room.size() + key.size(); }
    };
    struct Hash {
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };
    struct by_name {};
    struct by_room {};
    struct by_turn {};
    using room_of = boost::multi_index::member<Value, std::string, &Value::room>;
    using key_of = boost::multi_index::member<Value, std::string, &Value::key>;
    using turn_of = boost::multi_index::member<Value, std::uint64_t, &Value::turn>;
    using Values = boost::multi_index_container<
        Value,
        boost::multi_index::indexed_by<
            boost::multi_index::hashed_unique<
                boost::multi_index::tag<by_name>, boost::multi_index::composite_key<Value, room_of, key_of>,
                boost::multi_index::composite_key_hash<Hash, Hash>,
                boost::multi_index::composite_key_equal_to<std::equal_to<>, std::equal_to<>>>,
            boost::multi_index::ordered_unique<
                boost::multi_index::tag<by_room>, boost::multi_index::composite_key<Value, room_of, turn_of>,
                boost::multi_index::composite_key_compare<std::less<>, std::less<>>>,
            boost::multi_index::ordered_unique<boost::multi_index::tag<by_turn>, turn_of>>>;

    void make_room();
    void remember_forgotten(std::string name, std::uint64_t version);
    bool forgotten_since(const std::string& name, std::uint64_t version) const;

    const std::size_t max_values_;
    const std::size_t max_bytes_;
    Values values_;
    std::size_t bytes_ = 0;
    std::uint64_t turns_ = 0;
    std::uint64_t evicted_ = 0;
    boost::unordered_flat_map<std::string, std::uint64_t> forgotten_;  // until which version
    std::deque<std::pair<std::string, std::uint64_t>> forgotten_order_;
};

}  // namespace pulse::socketio

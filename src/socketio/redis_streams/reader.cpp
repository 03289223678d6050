#include "socketio/redis_streams/reader.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/guarded.hpp"
#include "base/log.hpp"
#include "socketio/shared.hpp"

namespace pulse::socketio::redis_streams {
namespace {

constexpr Duration retry_after = std::chrono::seconds(1);
constexpr unsigned most_failures = 3;

redis::Options reading(redis::Options options, Duration block) {
    options.name += "-stream";
    options.purpose = "stream";
    options.deadline += block;  // a read may be silent for so long
    return options;
}

}  // namespace

Reader::Reader(const redis::Client& client, const Options& options)
    : home_(client.home()),
      options_(options),
      stats_(options.stats),
      client_(home_, client.target(), reading(client.options(), options.block)),
      count_(std::max<std::size_t>(1, options.read_count)),
      retry_(home_.timers(), [this] { ask_state(); }) {}

void Reader::start() {
    client_.on_commands([weak = weak_from_this()](redis::State state) {
        if (const auto self = weak.lock()) self->on_state(state);
    });
    client_.start();
}

void Reader::follow(std::string nsp, std::weak_ptr<Follower> follower) {
    home_.dispatch([self = shared_from_this(), nsp = std::move(nsp), follower = std::move(follower)] {
        self->followers_[nsp] = follower;
        const auto there = follower.lock();
        if (there && self->live_) there->on_live(self->head_);
    });
}

void Reader::unfollow(std::string nsp) {
    home_.dispatch([self = shared_from_this(), nsp = std::move(nsp)] {
        const auto found = self->followers_.find(nsp);
        // One of the same name may have come meanwhile.
        if (found != self->followers_.end() && found->second.expired()) self->followers_.erase(found);
    });
}

template <class Tell>
void Reader::tell(const Tell& tell) {
    std::vector<std::shared_ptr<Follower>> all;
    for (const auto& [nsp, weak] : followers_) {
        if (auto follower = weak.lock()) all.push_back(std::move(follower));
    }
    for (const auto& follower : all) tell(*follower);
}

void Reader::on_state(redis::State state) {
    if (state == redis::State::up) return ask_state();
    retry_.cancel();
    paused_ = false;
    if (std::exchange(live_, false)) tell([](Follower& follower) { follower.on_lost(); });
}

void Reader::ask_state() {
    client_.send({"XINFO", "STREAM", options_.stream_name},
                 [weak = weak_from_this()](const Result<redis::Reply>& reply) {
                     const auto self = weak.lock();
                     if (!self) return;
                     std::optional<StreamState> state;
                     if (reply) {
                         state = read_state(*reply);
                     } else if (reply.error().message.find("no such key") != std::string::npos) {
                         state = StreamState();
                     }
                     if (state) return self->take_state(*state);
                     self->failed(reply ? "XINFO answered something else" : reply.error().message);
                 });
}

void Reader::take_state(const StreamState& state) {
    const auto read_after = std::exchange(read_after_, std::nullopt);
    if (!last_) {
        last_ = state.last_id;
        if (head_.exchange(state.last) != 0) gap(state.last, "has what is unreadable in");
    } else if (state.last < head_) {
        // Restarted without its data, or with older data: nothing that is there is news.
        last_ = state.last_id;
        gap(state.last, "came back without the newest entries of");
    } else if (!state.has_all_after(head_)) {
        gap(state.whole ? head_.load() : state.first - 1,
            "has already removed entries that were not read of");
    } else if (read_after && !state.has_all_after(*read_after)) {
        // The end of the stream has overtaken us while we read: what is between was gone before, or went
        // since.
        gap(head_, "may have removed entries before they were read of");
    }
    if (std::exchange(refused_, false))
        log::info("socket.io: the stream {} is read again", options_.stream_name);
    live_ = true;
    passed_ = head_.load();
    tell([this](Follower& follower) { follower.on_live(head_); });
    go_on();
}

void Reader::gap(Position since, std::string_view what) {
    count(stats_->gaps);
    log::error("socket.io: Redis {} the stream {} after {}: events of other nodes are lost", what,
               options_.stream_name, id_of(head_));
    head_ = since;
    tell([since](Follower& follower) { follower.on_gap(since); });
}

void Reader::read() {
    const auto block =
        std::to_string(std::max<std::int64_t>(1, options_.block / std::chrono::milliseconds(1)));
    client_.send(
        {"XREAD", "COUNT", std::to_string(count_), "BLOCK", block, "STREAMS", options_.stream_name, *last_},
        Duration::max(), [weak = weak_from_this()](const Result<redis::Reply>& reply) {
            if (const auto self = weak.lock()) self->take_answer(reply);
        });
}

void Reader::take_answer(const Result<redis::Reply>& reply) {
    if (!reply) {
        // Fewer at a time may fit into an answer (ReplyReader). One that does not is not tried for ever.
        if (reply.error().message.find("a reply of more than") != std::string::npos) {
            if (count_ == 1 && ++failures_ == most_failures) skip_what_cannot_be_read();
            count_ = std::max<std::size_t>(1, count_ / 8);
        }
        return failed(reply.error().message);
    }
    failures_ = 0;
    count_ = std::min(std::max<std::size_t>(1, options_.read_count), count_ * 2);
    if (!reply->is_nil()) take_entries(*reply);
    const auto now = home_.timers().now();
    tell([now](Follower& follower) { follower.on_time(now); });
    go_on();
}

void Reader::take_entries(const redis::Reply& reply) {
    const auto* entries = entries_read(reply);
    if (!entries) return count(stats_->invalid);
    // As much as was asked for: there may be more, perhaps more than the stream keeps.
    if (entries->size() >= count_) read_after_ = head_.load();
    for (const auto& one : *entries) {
        const auto entry = read_entry(one);
        if (!entry) {
            count(stats_->invalid);
            continue;
        }
        count(stats_->entries);
        const auto position = position_of(entry->id);
        if (position) head_ = *position;
        last_ = entry->id;
        const auto found = followers_.find(entry->nsp);
        const auto follower = found == followers_.end() ? nullptr : found->second.lock();
        if (follower) guarded("an entry of a stream", [&] { follower->on_entry(*entry, position); });
        if (position) passed_ = *position;
    }
}

void Reader::go_on() {
    if (!live_) return;  // lost meanwhile
    if (stats_->backlog < options_.max_backlog) {
        return read_after_ ? ask_state() : read();
    }
    count(stats_->pauses);
    paused_ = true;
    if (stats_->backlog < options_.max_backlog) resume();
}

void Reader::resume() {
    if (paused_.exchange(false) && live_) ask_state();
}

std::shared_ptr<void> Reader::take_place() {
    count(stats_->backlog);
    return {stats_.get(),
            [weak = weak_from_this(), stats = stats_, home = &home_, low = options_.max_backlog / 2](void*) {
                if (stats->backlog.fetch_sub(1, std::memory_order_relaxed) > low + 1) return;
                const auto self = weak.lock();
                if (self && self->paused_) home->post([self] { self->resume(); });
            }};
}

void Reader::failed(const std::string& why) {
    // The loss of a connection is told by the client, and on_state() begins anew after it.
    if (!client_.up()) return;
    if (std::exchange(live_, false)) tell([](Follower& follower) { follower.on_lost(); });
    if (!std::exchange(refused_, true)) {
        log::error("socket.io: the stream {} cannot be read, other nodes are not heard: {}",
                   options_.stream_name, why);
    }
    retry_.arm(retry_after);
}

// Better one entry lost than all that come after it. Which one that was Redis does not tell without it.
void Reader::skip_what_cannot_be_read() {
    failures_ = 0;
    last_.reset();
    log::error("socket.io: an entry of the stream {} after {} cannot be read; what is in it now is skipped",
               options_.stream_name, id_of(head_));
    count(stats_->gaps);
}

}  // namespace pulse::socketio::redis_streams

#include "socketio/redis_streams/session_log.hpp"

#include <algorithm>
#include <utility>

#include "socketio/redis_streams/session_record.hpp"
#include "socketio/shared.hpp"

namespace pulse::socketio::redis_streams {
namespace {

constexpr std::size_t entries_at_a_time = 500;

}  // namespace

struct SessionLog::OnItsWay {
    struct One {
        Position position;
        bool done = false;
    };
    std::mutex mutex;
    std::deque<One> all;

    void end(Position position) {
        const std::lock_guard lock(mutex);
        const auto found = std::lower_bound(all.begin(), all.end(), position,
                                            [](const One& one, Position p) { return one.position < p; });
        if (found != all.end() && found->position == position) found->done = true;
        while (!all.empty() && all.front().done) all.pop_front();
    }
};

SessionLog::SessionLog(redis::Client& client, std::shared_ptr<Reader> reader, std::string nsp,
                       std::size_t max_attachments, const Options& options)
    : client_(client),
      reader_(std::move(reader)),
      home_(client.home()),
      options_(options),
      stats_(options.stats),
      nsp_(std::move(nsp)),
      max_attachments_(max_attachments),
      recent_(options.max_recent, options.max_recent_bytes),
      on_its_way_(std::make_shared<OnItsWay>()) {}

std::uint64_t SessionLog::position_of(std::string_view offset) const {
    return redis_streams::position_of(offset).value_or(0);
}

std::uint64_t SessionLog::settled() const {
    // In this order: what was passed before was noted before.
    const Position passed = reader_->passed();
    const std::lock_guard lock(on_its_way_->mutex);
    return on_its_way_->all.empty() ? passed : std::min(passed, on_its_way_->all.front().position - 1);
}

void SessionLog::begin(Position since) {
    if (!began_.exchange(true)) origin_ = since;
    recent_.reset(since);
    // Positions may begin anew, with a stream that is another one.
    const std::lock_guard lock(on_its_way_->mutex);
    on_its_way_->all.clear();
}

std::shared_ptr<void> SessionLog::add(std::shared_ptr<const LoggedEvent> event, std::size_t bytes,
                                      std::shared_ptr<void> place) {
    const Position position = event->position;
    recent_.append(std::move(event), bytes);
    {
        const std::lock_guard lock(on_its_way_->mutex);
        on_its_way_->all.push_back({position});
    }
    return {stats_.get(), [on_its_way = on_its_way_, position, place = std::move(place)](void*) {
                on_its_way->end(position);
            }};
}

void SessionLog::save(LeftSession session, Duration keep) {
    // Whoever came before the stream was read has been served without it until then.
    if (session.positions && session.positions->start == 0) session.positions->start = origin_;
    const auto ms = std::to_string(std::max<std::int64_t>(1, keep / std::chrono::milliseconds(1)));
    client_.send({"SET", key(session.pid), encode_session(nsp_, session), "PX", ms}, Duration::max(),
                 [stats = stats_](const Result<redis::Reply>& reply) {
                     count(reply ? stats->sessions : stats->sessions_lost);
                 });
}

void SessionLog::find(const std::string& pid, std::function<void(std::optional<LeftSession>)> done) {
    client_.send({"GET", key(pid)}, [self = shared_from_this(),
                                     done = std::move(done)](const Result<redis::Reply>& reply) {
        if (!reply || !reply->is_text() || reply->text.size() > self->options_.max_message_bytes) {
            return done(std::nullopt);
        }
        done(decode_session(self->nsp_, reply->text));
    });
}

void SessionLog::take(const std::string& pid, std::uint64_t after, std::vector<std::string> rooms,
                      std::function<void(std::optional<Missed>)> done) {
    home_.dispatch(
        [self = shared_from_this(), one = Return{pid, after, std::move(rooms), std::move(done)}]() mutable {
            if (!self->began_) return one.done(std::nullopt);
            if (one.after >= self->recent_.since()) return self->claim(std::move(one));
            self->waiting_.push_back(std::move(one));
            if (!self->filling_) self->fill();
        });
}

template <class Which>
std::vector<SessionLog::Return> SessionLog::take_waiting(const Which& which) {
    std::vector<Return> taken;
    std::erase_if(waiting_, [&](Return& one) {
        if (!which(one)) return false;
        taken.push_back(std::move(one));
        return true;
    });
    return taken;
}

// From the earliest place that one of those who wait needs.
void SessionLog::fill() {
    filling_.reset();
    if (waiting_.empty()) return;
    Position after = waiting_.front().after;
    for (const auto& one : waiting_) after = std::min(after, one.after);
    filling_ = Filling{after, after, after};
    count(stats_->from_redis);
    client_.send({"XINFO", "STREAM", options_.stream_name},
                 [self = shared_from_this()](const Result<redis::Reply>& reply) {
                     if (!reply) return self->give_up();
                     self->take_state(read_state(*reply).value_or(StreamState()));
                 });
}

void SessionLog::take_state(const StreamState& state) {
    if (!filling_) return;
    const auto lost = take_waiting([&](const Return& one) { return !state.has_all_after(one.after); });
    for (const auto& one : lost) one.done(std::nullopt);
    if (!state.has_all_after(filling_->wanted)) return fill();
    read_on();
}

void SessionLog::give_up() {
    filling_.reset();
    for (const auto& one : take_waiting([](const Return&) { return true; })) one.done(std::nullopt);
}

void SessionLog::read_on() {
    if (filling_->read_to >= recent_.since()) return check_filled();
    client_.send({"XRANGE", options_.stream_name, id_of(filling_->read_to + 1), id_of(recent_.since()),
                  "COUNT", std::to_string(entries_at_a_time)},
                 [self = shared_from_this(), until = recent_.since()](const Result<redis::Reply>& reply) {
                     if (!self->filling_) return;
                     if (!reply || !reply->is_list()) return self->give_up();
                     self->take_range(reply->list);
                     if (reply->list.size() < entries_at_a_time) {
                         self->filling_->read_to = std::max(self->filling_->read_to, until);
                     }
                     self->read_on();
                 });
}

void SessionLog::take_range(const std::vector<redis::Reply>& entries) {
    Filling& filling = *filling_;
    for (const auto& reply : entries) {
        const auto entry = read_entry(reply);
        const auto position = entry ? redis_streams::position_of(entry->id) : std::nullopt;
        if (!position) continue;
        filling.read_to = *position;
        if (entry->nsp != nsp_ || entry->type != "3") continue;
        if (entry->data.size() > options_.max_message_bytes) continue;
        auto action = decode_action(*entry, max_attachments_);
        auto* broadcast = action.has_value() ? std::get_if<Broadcast>(&*action) : nullptr;
        if (!broadcast || !is_recoverable(broadcast->target)) continue;
        auto& [target, event] = *broadcast;
        filling.bytes += entry->data.size();
        filling.events.push_back(
            {std::make_shared<const LoggedEvent>(
                 LoggedEvent{*position, std::move(target), std::move(event.name), std::move(event.args)}),
             entry->data.size()});
        while (filling.events.size() > options_.max_recent || filling.bytes > options_.max_recent_bytes) {
            filling.since = filling.events.front().event->position;
            filling.bytes -= filling.events.front().bytes;
            filling.events.pop_front();
        }
    }
}

// That nothing was removed from the stream's end while it was read.
void SessionLog::check_filled() {
    client_.send({"XINFO", "STREAM", options_.stream_name},
                 [self = shared_from_this()](const Result<redis::Reply>& reply) {
                     if (!self->filling_) return;
                     if (!reply) return self->give_up();
                     const auto state = read_state(*reply).value_or(StreamState());
                     if (!state.has_all_after(self->filling_->wanted)) return self->take_state(state);
                     // What is at hand may have moved on meanwhile.
                     if (self->filling_->read_to < self->recent_.since()) return self->read_on();
                     self->filled();
                 });
}

void SessionLog::filled() {
    recent_.prepend(std::move(filling_->events), filling_->since);
    const Position wanted = filling_->wanted;
    const Position since = recent_.since();
    auto served = take_waiting([&](const Return& one) { return one.after >= since; });
    // For them there is no room, now or later.
    const auto lost = take_waiting([&](const Return& one) { return one.after >= wanted; });
    for (auto& one : served) claim(std::move(one));
    for (const auto& one : lost) one.done(std::nullopt);
    fill();
}

void SessionLog::claim(Return one) {
    auto shared = std::make_shared<Return>(std::move(one));
    client_.send({"DEL", key(shared->pid)},
                 [self = shared_from_this(), shared](const Result<redis::Reply>& reply) {
                     // 0: somebody else was faster.
                     if (!reply || !reply->is_integer() || reply->integer != 1)
                         return shared->done(std::nullopt);
                     self->hand_over(*shared);
                 });
}

void SessionLog::hand_over(Return& one) {
    Missed missed;
    if (!recent_.after(one.after, one.rooms, missed.events)) return one.done(std::nullopt);
    // Another node may be ahead of this one: then the client has what is still to come here.
    missed.up_to = std::max(one.after, reader_->head());
    one.done(std::move(missed));
}

}  // namespace pulse::socketio::redis_streams

#include "cache/redis/floors.hpp"

namespace pulse::cache {

Floors::Record* Floors::find(UserId user) {
    const auto found = index_.find(user);
    return found == index_.end() ? nullptr : &*found->second;
}

void Floors::queue(Record& record) {
    if (record.telling == Telling::confirmed) ++unconfirmed_;
    record.telling = Telling::to_send;
    to_send_.push_back(record.told.user);
    // Who was forgotten and told of again stands there twice.
    if (to_send_.size() <= 2 * capacity_) return;
    to_send_.clear();
    for (auto each = records_.rbegin(); each != records_.rend(); ++each) {
        if (each->telling == Telling::to_send) to_send_.push_back(each->told.user);
    }
}

bool Floors::raise(Told told, TimePoint now) {
    const auto found = index_.find(told.user);
    if (found != index_.end()) {
        auto& record = *found->second;
        if (told.version <= record.told.version) return false;
        record.told.version = told.version;
        records_.splice(records_.begin(), records_, found->second);
        if (record.telling != Telling::to_send) queue(record);
        return true;
    }
    make_room(now);
    queue(add(told));
    return true;
}

void Floors::know(Told read, TimePoint now) {
    auto* const record = find(read.user);
    if (!record) {
        make_room(now);
        add(read);
    } else if (read.version > record->told.version && record->telling != Telling::sent) {
        record->told.version = read.version;
    }
}

void Floors::make_room(TimePoint now) {
    if (records_.size() < capacity_) return;
    const auto& oldest = records_.back();
    if (oldest.telling != Telling::confirmed) {
        --unconfirmed_;
        distrust_until_ = now + ttl_;
    }
    index_.erase(oldest.told.user);
    records_.pop_back();
}

Floors::Record& Floors::add(Told told) {
    records_.push_front({told, Telling::confirmed});
    index_.emplace(told.user, records_.begin());
    return records_.front();
}

bool Floors::allows(UserId user, Version version, TimePoint now) const {
    const auto found = index_.find(user);
    if (found != index_.end()) return version >= found->second->told.version;
    return now >= distrust_until_;
}

Version Floors::of(UserId user) const {
    const auto found = index_.find(user);
    return found == index_.end() ? 0 : found->second->told.version;
}

std::optional<Floors::Told> Floors::next_to_send() {
    while (!to_send_.empty()) {
        auto* const record = find(to_send_.front());
        to_send_.pop_front();
        if (!record || record->telling != Telling::to_send) continue;
        record->telling = Telling::sent;
        return record->told;
    }
    return std::nullopt;
}

void Floors::confirmed(Told told) {
    auto* const record = find(told.user);
    if (!record || record->telling != Telling::sent || record->told.version != told.version) return;
    record->telling = Telling::confirmed;
    --unconfirmed_;
}

void Floors::failed(Told told) {
    auto* const record = find(told.user);
    if (record && record->telling == Telling::sent) queue(*record);
}

void Floors::lost(UserId user) {
    auto* const record = find(user);
    if (record && record->telling == Telling::confirmed) queue(*record);
}

}  // namespace pulse::cache

#include "socketio/saved_sessions.hpp"

namespace pulse::socketio {

void SavedSessions::connected(const std::string& pid, std::weak_ptr<SocketImpl> socket) {
    Slot& slot = sessions_[pid];
    slot.socket = std::move(socket);
    slot.saved.reset();
}

std::shared_ptr<SocketImpl> SavedSessions::find_connected(std::string_view pid) const {
    const auto found = sessions_.find(pid);
    return found == sessions_.end() || found->second.saved ? nullptr : found->second.socket.lock();
}

void SavedSessions::left(const std::string& pid, SavedSession session, TimePoint now) {
    const auto found = sessions_.find(pid);
    if (found == sessions_.end()) return;
    found->second.saved = std::move(session);
    found->second.left_at = now;
    found->second.turn = ++turns_;
    leaving_.push_back({pid, turns_});
    trim(now);
}

void SavedSessions::forget(std::string_view pid) {
    if (const auto found = sessions_.find(pid); found != sessions_.end()) sessions_.erase(found);
}

const SavedSession* SavedSessions::find(std::string_view pid, TimePoint now) const {
    const auto found = sessions_.find(pid);
    if (found == sessions_.end() || !found->second.saved || now - found->second.left_at > max_age_)
        return nullptr;
    return &*found->second.saved;
}

std::optional<SavedSession> SavedSessions::take(std::string_view pid, TimePoint now) {
    if (!find(pid, now)) return std::nullopt;
    const auto found = sessions_.find(pid);
    auto session = std::move(found->second.saved);
    sessions_.erase(found);
    return session;
}

void SavedSessions::drop_oldest() {
    const auto found = sessions_.find(leaving_.front().pid);
    if (found != sessions_.end() && found->second.saved && found->second.turn == leaving_.front().turn) {
        if (auto& data = found->second.saved->data) dropped_.push_back(std::move(data));
        sessions_.erase(found);
    }
    leaving_.pop_front();
}

void SavedSessions::trim(TimePoint now) {
    while (leaving_.size() > most_) drop_oldest();
    while (!leaving_.empty()) {
        const auto found = sessions_.find(leaving_.front().pid);
        const bool waits =
            found != sessions_.end() && found->second.saved && found->second.turn == leaving_.front().turn;
        if (waits && now - found->second.left_at <= max_age_) return;
        drop_oldest();
    }
}

}  // namespace pulse::socketio

#pragma once
// The adapter of a namespace that is on one node only. Stateless; any thread.
#include "socketio/adapter.hpp"

namespace pulse::socketio {

class InProcessAdapter final : public Adapter {
public:
    explicit InProcessAdapter(LocalSockets& here) : here_(here) {}

    void broadcast(const Target& target, std::string_view event, const Args& args) override {
        here_.deliver(target, event, args, nullptr);
    }
    void broadcast_with_ack(const Target& target, std::string_view event, const Args& args, Duration timeout,
                            const std::shared_ptr<BroadcastAcks>& acks) override;
    void sockets_join(const Target& target, const std::vector<std::string>& rooms) override {
        here_.join(target, rooms);
    }
    void sockets_leave(const Target& target, const std::vector<std::string>& rooms) override {
        here_.leave(target, rooms);
    }
    void disconnect_sockets(const Target& target, bool close) override { here_.disconnect(target, close); }
    void fetch_sockets(const Target& target, std::function<void(FetchedSockets)> done) override {
        here_.fetch(target, [done = std::move(done)](std::vector<RemoteSocket> sockets) {
            done({std::move(sockets), true});
        });
    }
    void server_side_emit(std::string_view, const Args&) override {}
    void server_side_emit_with_ack(std::string_view, const Args&,
                                   std::function<void(ServerSideAnswers)> done) override {
        done({});
    }
    void on_room(std::string_view, bool) override {}
    void on_socket(const std::string&, bool) override {}

private:
    LocalSockets& here_;
};

}  // namespace pulse::socketio

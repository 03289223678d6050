#pragma once
// For tests: Engine.IO sessions without a network. Everything happens on a real shard's thread, in a world
// whose clock the test turns.
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "socketio/client.hpp"

namespace pulse::socketio {

class ManualClock final : public Clock {
public:
    TimePoint now() const override { return TimePoint(Duration(ticks_.load())); }
    WallTime wall_now() const override { return WallTime(std::chrono::milliseconds(1'700'000'000'000)); }
    void advance(Duration by) { ticks_ += by.count(); }

private:
    std::atomic<Duration::rep> ticks_{0};
};

// The harshest session the interface allows: it tells of a close from within close() and send(), and
// destroys its listener right after.
class FakeSession final : public engineio::Session {
public:
    explicit FakeSession(net::Shard& home) : home_(home) {
        handshake_.request.target = "/socket.io/?EIO=4&transport=websocket&token=q";
    }

    const std::string& sid() const override { return sid_; }
    net::Shard& home() override { return home_; }
    const engineio::Handshake& handshake() const override { return handshake_; }
    engineio::TransportKind transport() const override { return engineio::TransportKind::websocket; }
    void send(engineio::FramePtr frame) override {
        if (!listener) return;
        if (sent.size() >= capacity) return end(engineio::CloseReason::too_slow);
        sent.push_back((frame->binary() ? "b" : "") + std::string(frame->payload()));
    }
    bool writable() const override { return is_writable; }
    std::size_t buffered_bytes() const override { return 0; }
    std::size_t buffered_packets() const override { return queued; }
    void tell_when_writable() override { asked = true; }
    void close(engineio::CloseReason reason) override { end(reason); }
    void discard(engineio::CloseReason reason) override { end(reason); }

    void end(engineio::CloseReason reason) {
        if (auto ended = std::move(listener)) ended->on_close(reason);
    }
    void text(std::string_view message) {
        if (listener) listener->on_text(message);
    }
    void binary(std::string_view bytes) {
        if (listener) listener->on_binary(bytes);
    }
    void become_writable() {
        is_writable = true;
        if (listener && std::exchange(asked, false)) listener->on_writable();
    }
    bool open() const { return listener != nullptr; }
    // What was sent since the last call.
    std::vector<std::string> take() { return std::exchange(sent, {}); }

    std::unique_ptr<engineio::SessionListener> listener;
    std::vector<std::string> sent;
    std::size_t capacity = 10'000;
    bool is_writable = true;
    bool asked = false;      // to be told when it is
    std::size_t queued = 0;  // so it says

private:
    net::Shard& home_;
    std::string sid_ = "the-engine-sid";
    engineio::Handshake handshake_;
};

enum class Shards { run, are_driven };  // each by its thread; by the test, with World::drive()

struct World {
    explicit World(Options options = {}, unsigned shards = 1, Shards how = Shards::run)
        : pool(shards, clock), shared(std::make_shared<Shared>(pool, std::move(options))) {
        if (how == Shards::run) pool.start();
    }
    ~World() {
        pool.run_on_each([this](net::Shard& shard) {
            for (auto& session : sessions) {
                if (&session->home() == &shard) session->end(engineio::CloseReason::transport_close);
            }
        });
    }

    NamespaceImpl& of(const std::string& name) { return namespaces->of(name); }
    // Runs the test's steps on the (first) shard.
    void run(const std::function<void()>& steps) {
        pool.run_on_each([&](net::Shard& shard) {
            if (shard.id() == 0) steps();
        });
    }
    // Does what was posted to the shard, and then `work`, as the shard.
    void drive(net::ShardId shard, const std::function<void()>& work) {
        pool.run_on_each([&](net::Shard& each) {
            if (each.id() != shard) return;
            each.context().poll();
            work();
        });
    }
    // On the shard: a new connection, which has joined nothing yet.
    FakeSession& open(net::ShardId shard = 0) {
        auto session = std::make_unique<FakeSession>(pool[shard]);
        FakeSession& opened = *session;
        auto client = std::make_shared<Client>(*shared, *namespaces, opened);
        client->start();
        opened.listener = std::make_unique<ClientListener>(std::move(client));
        sessions.push_back(std::move(session));
        return opened;
    }
    FakeSession& join(const std::string& nsp, net::ShardId shard = 0) {
        FakeSession& session = open(shard);
        session.text("0" + nsp + ",");
        session.take();
        return session;
    }
    void pass(Duration time) {
        clock.advance(time);
        pool[0].timers().run_due();
    }

    ManualClock clock;
    net::ShardPool pool;
    std::shared_ptr<Shared> shared;
    std::shared_ptr<NamespaceRegistry> namespaces = std::make_shared<NamespaceRegistry>(shared);
    std::vector<std::unique_ptr<FakeSession>> sessions;
};

}  // namespace pulse::socketio

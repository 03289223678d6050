#include "engineio/server.hpp"

#include <cassert>
#include <utility>

#include "engineio/compression.hpp"
#include "engineio/cors.hpp"
#include "engineio/session_host.hpp"
#include "engineio/sid.hpp"
#include "engineio/upload.hpp"
#include "engineio/verify.hpp"
#include "engineio/ws_handshake.hpp"

namespace pulse::engineio {

std::string_view to_string(CloseReason reason) {
    switch (reason) {
        case CloseReason::transport_close:
            return "transport close";
        case CloseReason::transport_error:
            return "transport error";
        case CloseReason::ping_timeout:
            return "ping timeout";
        case CloseReason::parse_error:
            return "parse error";
        case CloseReason::forced_close:
            return "forced close";
        case CloseReason::server_shutting_down:
            return "server shutting down";
        case CloseReason::too_slow:
            return "too slow";
    }
    return "transport error";
}

struct Server::Impl : std::enable_shared_from_this<Server::Impl> {
    Impl(net::ShardPool& pool, Options options, OnSession on_session)
        : shards(pool), state(new ServerState{std::move(options), std::move(on_session)}) {
        for (unsigned i = 0; i < pool.size(); ++i) {
            hosts.push_back(std::make_shared<SessionHost>(pool[net::ShardId(i)], state));
        }
    }

    // The host of the shard that calls: requests are handed over on one.
    SessionHost& here() {
        assert(net::Shard::current());
        return *hosts[net::Shard::current()->id()];
    }
    // The host of a sid's session; nullptr if the sid is not one of ours.
    SessionHost* host_of(std::string_view sid) {
        const auto shard = shard_of(sid);
        return shard && *shard < hosts.size() ? hosts[*shard].get() : nullptr;
    }

    void count(const Refused& why) {
        state->stats.refused[std::size_t(why.code)].fetch_add(1, std::memory_order_relaxed);
    }
    void refuse(Answer& answer, const Refused& why) {
        count(why);
        answer.send(refusal_response(why));
    }
    void refuse(net::Upgrade& upgrade, const net::Request& request, const Refused& why) {
        count(why);
        refuse(upgrade, request, websocket_refusal(400, why.message));
    }
    void refuse(net::Upgrade& upgrade, const net::Request& request, net::Response response) {
        add_cors_headers(response, request, state->options.cors);
        upgrade.refuse(std::move(response));
    }

    void handle_at_home(SessionHost& host, const net::Request& request, const RequestFacts& facts,
                        Answer answer);
    void upgrade_session(SessionHost& host, net::Request request, RequestFacts facts,
                         WebSocketAnswer handshake, net::Upgrade upgrade);
    static void attach(SessionHost& host, const std::string& sid, net::UpgradedSocket taken,
                       WebSocketAnswer handshake);

    net::ShardPool& shards;
    const std::shared_ptr<ServerState> state;
    std::vector<std::shared_ptr<SessionHost>> hosts;  // by shard
};

Server::Server(net::ShardPool& shards, Options options, OnSession on_session)
    : impl_(std::make_shared<Impl>(shards, std::move(options), std::move(on_session))) {}

Server::~Server() {
    for (const auto& host : impl_->hosts) host->clear();
}

const Options& Server::options() const { return impl_->state->options; }
const Stats& Server::stats() const { return impl_->state->stats; }

Queues Server::queues() const {
    Queues all;
    for (const auto& host : impl_->hosts) host->waiting().add_to(all);
    return all;
}

// The trailing slash is part of the path, but a client configured without it means us too.
bool Server::owns(std::string_view path) const {
    const std::string_view own = options().path;
    return path == own || (own.size() > 1 && own.back() == '/' && path == own.substr(0, own.size() - 1));
}

void Server::handle(net::Request request, net::Responder responder) {
    Impl& impl = *impl_;
    const Options& options = impl.state->options;
    if (options.cors.enabled() && request.method == "OPTIONS") {
        return responder.send(preflight_response(request, options.cors));
    }
    net::Response base;
    add_cors_headers(base, request, options.cors);
    Answer answer(std::move(responder), std::move(base), compression_for(request, options));
    auto facts = facts_of(request, false, options);
    if (const auto why = verify_request(request, facts, options)) return impl.refuse(answer, *why);
    if (!facts.sid) {
        if (!impl.state->admit(request)) return answer.send(503, {}, {});
        return impl.here().open_polling(request, facts.force_base64, std::move(answer));
    }
    SessionHost* const host = impl.host_of(*facts.sid);
    if (!host) return impl.refuse(answer, refused(Refusal::unknown_sid));
    if (host->home().is_current()) {
        return impl.handle_at_home(*host, request, facts, std::move(answer));
    }
    host->home().post([self = impl_, host, request = std::move(request), facts = std::move(facts),
                       answer = std::move(answer)]() mutable {
        self->handle_at_home(*host, request, facts, std::move(answer));
    });
}

void Server::Impl::handle_at_home(SessionHost& host, const net::Request& request, const RequestFacts& facts,
                                  Answer answer) {
    host.home().timers().run_overdue();  // a session whose time is over is not found any more
    ClientSession* const session = host.find(*facts.sid);
    const auto current = session ? std::optional(session->transport()) : std::nullopt;
    if (const auto why = verify_session(request.method, facts, current)) return refuse(answer, *why);
    if (request.method == "GET") {
        session->on_get(std::move(answer));
    } else {
        session->on_post(std::move(answer), request);
    }
}

void Server::upgrade(net::Request request, net::Upgrade upgrade) {
    Impl& impl = *impl_;
    const Options& options = impl.state->options;
    auto facts = facts_of(request, true, options);
    if (const auto why = verify_request(request, facts, options)) return impl.refuse(upgrade, request, *why);
    if (facts.sid && !impl.host_of(*facts.sid)) {
        return impl.refuse(upgrade, request, refused(Refusal::unknown_sid));
    }
    auto handshake = websocket_handshake(request, options.per_message_deflate.enabled);
    if (!handshake) return impl.refuse(upgrade, request, std::move(handshake).error());
    if (facts.sid) {
        SessionHost& host = *impl.host_of(*facts.sid);
        return impl.upgrade_session(host, std::move(request), std::move(facts), std::move(*handshake),
                                    std::move(upgrade));
    }
    if (!impl.state->admit(request)) {
        return impl.refuse(upgrade, request, websocket_refusal(503, "Service Unavailable"));
    }
    SessionHost& host = impl.here();
    host.open_websocket(request, facts.force_base64, upgrade.take(host.home()), std::move(*handshake));
}

// The session decides on its shard, the socket is answered or taken on its own: up to three steps.
void Server::Impl::upgrade_session(SessionHost& host, net::Request request, RequestFacts facts,
                                   WebSocketAnswer handshake, net::Upgrade upgrade) {
    host.home().dispatch([self = shared_from_this(), &host, request = std::move(request),
                          facts = std::move(facts), handshake = std::move(handshake),
                          upgrade = std::move(upgrade)]() mutable {
        const ClientSession* const session = host.find(*facts.sid);
        const auto current = session && session->open() ? std::optional(session->transport()) : std::nullopt;
        auto why = verify_session(request.method, facts, current);
        net::Shard& at = upgrade.at();
        at.dispatch([self, &host, why = std::move(why), request = std::move(request),
                     facts = std::move(facts), handshake = std::move(handshake),
                     upgrade = std::move(upgrade)]() mutable {
            if (why) return self->refuse(upgrade, request, *why);
            host.home().dispatch([self, &host, sid = std::move(*facts.sid), taken = upgrade.take(host.home()),
                                  handshake = std::move(handshake)]() mutable {
                attach(host, sid, std::move(taken), std::move(handshake));
            });
        });
    });
}

// A websocket that no session wants is still accepted first: the protocol has the new connection closed, and
// a client may tell a refused handshake from a closed one.
void Server::Impl::attach(SessionHost& host, const std::string& sid, net::UpgradedSocket taken,
                          WebSocketAnswer handshake) {
    ClientSession* const session = host.find(sid);
    auto websocket = host.make_websocket(std::move(taken.socket), std::move(taken.count), handshake.deflate);
    if (session && session->may_probe()) {
        return session->probe(std::move(websocket), std::move(handshake.head), std::move(taken.leftover));
    }
    websocket->push(Frame::raw(std::move(handshake.head)));
    host.let_go(std::move(websocket), Finish::after_queue);
}

std::shared_ptr<net::Upload> Server::upload(const net::Request& head) {
    const Options& options = impl_->state->options;
    if (head.method != "POST") return nullptr;
    // What is refused once it is whole ends no session.
    const auto facts = facts_of(head, false, options);
    if (!facts.sid || !facts.version_4 || facts.transport != TransportKind::polling) return nullptr;
    if (verify_request(head, facts, options)) return nullptr;
    SessionHost* const host = impl_->host_of(*facts.sid);
    return host ? SessionUpload::begin(host->shared_from_this(), *facts.sid) : nullptr;
}

net::Response Server::bad_request(unsigned status, const net::Request& so_far) {
    net::Response response;
    response.status = status;
    response.close = true;
    add_cors_headers(response, so_far, impl_->state->options.cors);
    if (status != 413) return response;
    const auto sid = net::query_value(so_far.query(), "sid");
    SessionHost* const host = sid ? impl_->host_of(*sid) : nullptr;
    if (host) {
        host->home().post([self = impl_, host, sid = *sid] {
            if (auto* const session = host->find(sid)) session->discard(CloseReason::transport_error);
        });
    }
    return response;
}

void Server::stop_accepting() { impl_->state->accepting = false; }

namespace {

// Calls `work(host, done)` on each host's shard, and `done` when each has called its own.
template <class Work>
void on_each(const std::vector<std::shared_ptr<SessionHost>>& hosts, std::function<void()> done, Work work) {
    struct Countdown {
        std::atomic<std::size_t> left;
        std::function<void()> done;
    };
    auto countdown = std::make_shared<Countdown>(hosts.size(), std::move(done));
    for (const auto& host : hosts) {
        host->home().post([host, countdown, work] {
            work(*host, [countdown] {
                if (countdown->left.fetch_sub(1) == 1) countdown->done();
            });
        });
    }
}

}  // namespace

void Server::close_all(CloseReason reason, std::size_t per_slice, Duration pause,
                       std::function<void()> done) {
    stop_accepting();
    on_each(impl_->hosts, std::move(done), [=](SessionHost& host, std::function<void()> closed) {
        host.close_all(reason, per_slice, pause, std::move(closed));
    });
}

void Server::drain(CloseReason reason, Duration duration, std::function<void()> done) {
    static constexpr Duration shortest_pause = std::chrono::milliseconds(50);
    stop_accepting();
    const auto over = std::max(Duration::zero(), duration);
    on_each(impl_->hosts, std::move(done), [reason, over](SessionHost& host, std::function<void()> closed) {
        const std::size_t sessions = std::max<std::size_t>(1, host.size());
        const auto slices = std::min(sessions, std::size_t(over / shortest_pause) + 1);
        host.close_all(reason, (sessions + slices - 1) / slices, over / slices, std::move(closed));
    });
}

}  // namespace pulse::engineio

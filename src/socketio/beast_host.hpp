#pragma once
// Socket.IO inside of a Boost.Beast server: whoever reads HTTP requests with Beast on an io_context of his
// own hands over those of our path, and websocket upgrades with their socket. Answers come back on his
// executor; sessions live on our shards. examples/beast_host.cpp is a whole server; docs/socketio/hosting.md
// says what stays the host's business.
//
// The only header of the library that includes Beast, and nothing else of the library includes it: it is
// compiled in the host's program alone.
#include <sys/socket.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/system/error_code.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engineio/server.hpp"
#include "net/hosted_http.hpp"
#include "socketio/standalone.hpp"

namespace pulse::socketio {

class BeastHost {
public:
    using Request = boost::beast::http::request<boost::beast::http::string_body>;
    using Response = boost::beast::http::response<boost::beast::http::string_body>;

    // `engines`: server.engine() of each Socket.IO server, or Engine.IO servers. They and the shards outlive
    // this, and so does the host's io_context: it gets answers until the shards have stopped.
    BeastHost(net::ShardPool& shards, std::vector<engineio::Server*> engines, net::HttpLimits limits = {})
        : engines_(std::move(engines)), standalone_(engines_), http_(shards, standalone_, limits) {}

    // Whether a request of this target ("/socket.io/?EIO=4&…") is for us.
    bool owns(std::string_view target) const {
        const auto path = target.substr(0, target.find('?'));
        for (const auto* engine : engines_) {
            if (engine->owns(path)) return true;
        }
        return false;
    }
    // What the host's parser has to let through: max_http_buffer_size.
    std::size_t body_limit() const { return standalone_.most_body_bytes(); }

    // Answers a request, when there is something to answer: a poll waits for its session's next event, half a
    // minute or so, and the host sets no deadline meanwhile. Meant for the socket it came on, on which
    // nothing else waits until then; if the client goes away the session is told, and the operation ends with
    // an error (eof, or operation_aborted if it was cancelled). Completes with (error_code, Response) on the
    // handler's executor, or the socket's.
    template <class Socket, class Token>
    auto async_handle(Socket& socket, Request request, Token&& token) {
        return boost::asio::async_initiate<Token, void(boost::system::error_code, Response)>(
            [this, &socket](auto handler, Request asked) {
                this->begin(socket, std::move(asked), std::move(handler));
            },
            token, std::move(request));
    }

    // A websocket's connection, with its handshake and what was `received` behind it. It is answered and
    // closed by us; the host has no socket any more.
    template <class Socket>
    void upgrade(Socket& socket, const Request& request, boost::asio::const_buffer received) {
        net::Request asked = converted(request, peer_of(socket));
        boost::system::error_code error;
        const int handle = socket.release(error);
        if (error) return;
        http_.upgrade(std::move(asked), handle,
                      std::string(static_cast<const char*>(received.data()), received.size()));
    }

    const net::HttpStats& stats() const { return http_.stats(); }

private:
    using Error = boost::system::error_code;

    // One request in hand. All of it happens on the host's executor, but for the answer's arrival.
    template <class Socket, class Handler>
    struct Operation : std::enable_shared_from_this<Operation<Socket, Handler>> {
        using Home = boost::asio::associated_executor_t<Handler, typename Socket::executor_type>;

        Operation(Socket& its_socket, Handler its_handler)
            : socket(its_socket),
              slot(boost::asio::get_associated_cancellation_slot(its_handler)),
              handler(std::move(its_handler)),
              work(boost::asio::get_associated_executor(handler, socket.get_executor())) {}

        void start(net::HostedHttp& http, const Request& request) {
            version = request.version();
            keep_alive = request.keep_alive();
            ticket = std::make_shared<net::HostedRequest>(
                [self = this->shared_from_this()](auto response) { self->finish({}, std::move(response)); });
            if (slot.is_connected()) {
                slot.assign([weak = this->weak_from_this()](boost::asio::cancellation_type) {
                    if (const auto self = weak.lock()) self->give_up(boost::asio::error::operation_aborted);
                });
            }
            watch();
            http.handle(converted(request, peer_of(socket)), ticket);
        }

        // Readable means that the client has gone, or that it has sent its next request already.
        void watch() {
            socket.async_wait(Socket::wait_read,
                              boost::asio::bind_executor(
                                  work.get_executor(), [self = this->shared_from_this()](const Error& error) {
                                      if (!error && !self->done) self->look();
                                  }));
        }
        void look() {
            char byte = 0;
            const auto got = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
            if (got > 0) return;
            if (got < 0 && (errno == EAGAIN || errno == EINTR)) return watch();
            give_up(boost::asio::error::eof);
        }

        void give_up(const Error& error) {
            if (ticket->abandon()) finish(error, {});
        }
        void finish(const Error& error, net::Response answer) {
            boost::asio::post(work.get_executor(),
                              [self = this->shared_from_this(), error, answer = std::move(answer)]() mutable {
                                  self->complete(error, std::move(answer));
                              });
        }
        void complete(const Error& error, net::Response answer) {
            done = true;
            if (slot.is_connected()) slot.clear();
            Error ignored;
            socket.cancel(ignored);  // the watch
            Response response = converted(std::move(answer), version, keep_alive);
            Handler its_handler(std::move(handler));
            work.reset();
            std::move(its_handler)(error, std::move(response));
        }

        Socket& socket;
        boost::asio::associated_cancellation_slot_t<Handler> slot;
        Handler handler;
        boost::asio::executor_work_guard<Home> work;  // the loop does not end while an answer is owed
        std::shared_ptr<net::HostedRequest> ticket;
        unsigned version = 11;
        bool keep_alive = true;
        bool done = false;
    };

    template <class Socket, class Handler>
    void begin(Socket& socket, Request request, Handler handler) {
        std::make_shared<Operation<Socket, Handler>>(socket, std::move(handler))->start(http_, request);
    }

    template <class Socket>
    static std::string peer_of(const Socket& socket) {
        Error error;
        const auto peer = socket.remote_endpoint(error);
        return error ? std::string() : net::to_text(peer.address());
    }

    static net::Request converted(const Request& request, std::string peer) {
        net::Request result;
        result.method = std::string(request.method_string());
        result.target = std::string(request.target());
        for (const auto& field : request) {
            result.headers.add({field.name_string().data(), field.name_string().size()},
                               {field.value().data(), field.value().size()});
        }
        result.body = request.body();
        result.peer = std::move(peer);
        result.http_1_1 = request.version() >= 11;
        return result;
    }

    static Response converted(net::Response answer, unsigned version, bool keep_alive) {
        Response result(boost::beast::http::int_to_status(answer.status), version);
        for (const auto& [name, value] : answer.headers) result.insert(name, value);
        result.body() = std::move(answer.body);
        result.keep_alive(keep_alive && !answer.close);
        result.prepare_payload();
        return result;
    }

    const std::vector<engineio::Server*> engines_;
    Standalone standalone_;
    net::HostedHttp http_;
};

}  // namespace pulse::socketio

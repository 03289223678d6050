#include "redis/connection.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "base/guarded.hpp"
#include "redis/login.hpp"
#include "redis/reply_reader.hpp"

namespace pulse::redis {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

// A connection that lived shorter than this does not count as one that works.
constexpr Duration settled = std::chrono::seconds(1);
constexpr auto use_task = asio::use_awaitable_t<Executor>{};

}  // namespace

struct Connection::Wire {
    Wire(Executor executor, std::size_t max_reply_bytes) : socket(executor), replies(max_reply_bytes) {}
    Socket socket;
    ReplyReader replies;
    std::string unsent;   // grows while `sending` is on its way
    std::string sending;  // not empty: a write is under way
    std::array<char, 16 * 1024> buffer{};
};

Connection::Connection(net::Shard& home, Target target, Options options, std::string name)
    : home_(home),
      target_(std::move(target)),
      options_(std::move(options)),
      name_(std::move(name)),
      pause_(home.executor()),
      backoff_(options_.first_pause, options_.longest_pause),
      random_(std::random_device{}()),
      watch_(home.timers(), [this] {
          const auto self = shared_from_this();  // a callback may let go of the client
          watch();
      }) {}

void Connection::start() {
    auto self = shared_from_this();
    // The coroutine owns the connection until it ends; run() lets nothing out.
    asio::co_spawn(home_.executor(), run(self), [self](const std::exception_ptr&) {});
}

void Connection::stop() {
    stopped_ = true;
    up_ = false;
    watch_.cancel();
    pause_.cancel();
    drop("shutting down");
}

void Connection::drop(std::string why) {
    if (!dropped_because_) dropped_because_ = std::move(why);
    if (lookup_) lookup_->cancel();
    error_code ignored;
    if (wire_) wire_->socket.close(ignored);
}

void Connection::tell(State state) {
    for (const auto& watch : watchers) {
        if (stopped_) return;
        guarded("a watcher of Redis", [&] { watch(state); });
    }
}

void Connection::write(std::string_view bytes, std::size_t answers) {
    if (!wire_) return;
    wire_->unsent += bytes;
    if (answers == 0) return;
    if (answers_due_ == 0) {
        heard_at_ = home_.clock().now();
        if (watch_due_ > heard_at_ + options_.deadline) watch_within(options_.deadline);
    }
    answers_due_ += answers;
}

void Connection::answered(std::size_t answers) { answers_due_ -= std::min(answers, answers_due_); }

void Connection::flush() {
    if (!wire_ || !wire_->sending.empty() || wire_->unsent.empty() || !wire_->socket.is_open()) return;
    wire_->sending.swap(wire_->unsent);
    asio::async_write(wire_->socket, asio::buffer(wire_->sending),
                      [self = shared_from_this(), wire = wire_](const error_code& error, std::size_t) {
                          wire->sending.clear();
                          // The reader notices a loss as well, and says what it was.
                          if (!error && self->wire_ == wire) self->flush();
                      });
}

double Connection::chance() { return std::uniform_real_distribution<double>(0, 1)(random_); }

Task<> Connection::run(std::shared_ptr<Connection> self) {
    while (!stopped_) {
        const auto wire = wire_ = std::make_shared<Wire>(home_.executor(), options_.max_reply_bytes);
        dropped_because_.reset();
        silent_ = false;
        answers_due_ = 0;
        std::string why;
        try {
            why = co_await attempt(wire);
        } catch (const std::exception& failure) {  // out of memory
            why = failure.what();
        } catch (...) {
            why = "an unknown exception";
        }
        if (dropped_because_) why = *dropped_because_;
        error_code ignored;
        wire->socket.close(ignored);
        wire_ = nullptr;
        watch_.cancel();
        const bool was_up = std::exchange(up_, false);
        if (stopped_) break;
        const bool worked = was_up && home_.clock().now() - up_at_ >= settled;
        if (worked) backoff_.reset();
        guarded("the loss of a connection to Redis", [&] { disconnected({why, was_up, silent_}); });
        if (stopped_) break;
        if (worked && !silent_) continue;  // at once, the first time
        pause_.expires_after(backoff_.next(chance()));
        error_code cut;
        co_await pause_.async_wait(asio::redirect_error(use_task, cut));
    }
}

// Whatever waits may find the connection dropped, or stopped, when it goes on: then nothing is reported.
Task<std::string> Connection::attempt(std::shared_ptr<Wire> wire) {
    watch_within(options_.connect_within);
    auto problem = co_await connect(wire);
    if (dropped_because_ || !problem.empty()) co_return problem;
    problem = co_await log_in(wire);
    if (dropped_because_ || !problem.empty()) co_return problem;
    up_ = true;
    up_at_ = heard_at_ = home_.clock().now();
    watch_within(options_.heartbeat);
    connected();
    if (dropped_because_) co_return std::string();
    flush();
    problem = co_await listen(wire);
    co_return problem;
}

Task<Result<std::vector<Connection::Protocol::endpoint>>> Connection::find() {
    std::vector<Protocol::endpoint> places;
    if (target_.host.empty()) {
        places.emplace_back(asio::local::stream_protocol::endpoint(target_.path));
        co_return places;
    }
    error_code error;
    // What is an address already needs no look-up.
    const auto address = asio::ip::make_address(target_.host, error);
    if (!error) {
        places.emplace_back(asio::ip::tcp::endpoint(address, target_.port));
        co_return places;
    }
    // One that an earlier attempt could not wait for may still run: a name server that is silent for long
    // costs one thread, not one for each attempt.
    if (!lookup_) lookup_ = std::make_unique<Lookup>(home_.executor(), target_.host, options_.look_up);
    co_await lookup_->wait();
    if (!lookup_->found()) co_return Error{ErrorCode::unavailable, "the look-up was given up"};
    const auto found = *lookup_->found();
    lookup_ = nullptr;
    if (!found) co_return found.error();
    for (const auto& text : *found) {
        const auto place = asio::ip::make_address(text, error);
        if (!error) places.emplace_back(asio::ip::tcp::endpoint(place, target_.port));
    }
    co_return places;
}

Task<std::string> Connection::connect(std::shared_ptr<Wire> wire) {
    const auto places = co_await find();
    if (!places) co_return places.error().message;
    std::string problem = "it has no address";
    // One that swallows everything uses up the attempt; so the next attempt begins with the next one.
    const std::size_t first = turn_++;
    for (std::size_t i = 0; i < places->size(); ++i) {
        if (dropped_because_) break;
        const auto& place = (*places)[(first + i) % places->size()];
        error_code error;
        wire->socket.close(error);
        co_await wire->socket.async_connect(place, asio::redirect_error(use_task, error));
        if (!error) {
            if (!target_.host.empty()) {
                wire->socket.set_option(asio::ip::tcp::no_delay(true), error);
                wire->socket.set_option(asio::socket_base::keep_alive(true), error);
            }
            turn_ = first + i;
            co_return std::string();
        }
        problem = error.message();
    }
    co_return problem;
}

Task<std::string> Connection::log_in(std::shared_ptr<Wire> wire) {
    const auto login = login_to(target_, name_);
    write(login.bytes, 0);
    flush();
    for (const auto step : login.steps) {
        while (true) {
            auto reply = wire->replies.next();
            if (!reply) co_return reply.error().message;
            if (*reply) {
                auto problem = problem_with(step, **reply, target_);
                if (problem) co_return *problem;
                break;
            }
            auto problem = co_await read_some(wire);
            if (dropped_because_ || !problem.empty()) co_return problem;
        }
    }
    co_return std::string();
}

Task<std::string> Connection::listen(std::shared_ptr<Wire> wire) {
    while (true) {
        while (true) {
            auto reply = wire->replies.next();
            if (!reply) co_return reply.error().message;
            if (!*reply) break;
            received(std::move(**reply));
            if (dropped_because_) co_return std::string();
        }
        auto problem = co_await read_some(wire);
        if (dropped_because_ || !problem.empty()) co_return problem;
        heard_at_ = home_.clock().now();
    }
}

Task<std::string> Connection::read_some(std::shared_ptr<Wire> wire) {
    error_code error;
    const auto size = co_await wire->socket.async_read_some(asio::buffer(wire->buffer),
                                                            asio::redirect_error(use_task, error));
    if (error == asio::error::eof) co_return std::string("it closed the connection");
    if (error) co_return error.message();
    wire->replies.feed({wire->buffer.data(), size});
    co_return std::string();
}

void Connection::watch_within(Duration time) {
    watch_due_ = home_.clock().now() + time;
    watch_.arm(time);
}

void Connection::watch() {
    const TimePoint now = home_.clock().now();
    if (!up_) {
        return drop(lookup_ ? "cannot look up " + target_.host + " in time" : "no connection in time");
    }
    if (answers_due_ > 0) {
        const auto left = heard_at_ + options_.deadline - now;
        if (left > Duration::zero()) return watch_within(left);
        silent_ = true;
        return drop("no answer in time");
    }
    const auto left = heard_at_ + options_.heartbeat - now;
    if (left > Duration::zero()) return watch_within(left);
    watch_due_ = TimePoint::max();  // write() arms
    heartbeat();
    flush();
}

}  // namespace pulse::redis

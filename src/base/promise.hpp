#pragma once
// The bridge from a thread that blocks to a coroutine that must not: the coroutine is suspended, the other
// thread calls set() once, and the coroutine goes on where it was awaited, never on the caller's thread.
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <utility>

#include "base/task.hpp"

namespace pulse {

// Owed one value. Movable. The event loop that waits must still exist when set() is called (it need not
// run any more: what was posted to it then ends with it).
template <class T>
class Promise {
public:
    template <class Handler>
    explicit Promise(Handler handler) : waiting_(std::make_unique<Waiting<Handler>>(std::move(handler))) {}

    void set(T value) { std::exchange(waiting_, nullptr)->resume(std::move(value)); }

private:
    struct Base {
        virtual ~Base() = default;
        virtual void resume(T value) = 0;
    };

    template <class Handler>
    struct Waiting final : Base {
        using Home = boost::asio::associated_executor_t<Handler>;
        explicit Waiting(Handler h)
            : handler(std::move(h)), work(boost::asio::get_associated_executor(handler)) {}
        void resume(T value) override {
            boost::asio::post(work.get_executor(), [h = std::move(handler), v = std::move(value)]() mutable {
                std::move(h)(std::move(v));
            });
        }
        Handler handler;
        boost::asio::executor_work_guard<Home> work;  // the loop does not end while somebody waits
    };

    std::unique_ptr<Base> waiting_;
};

// Suspends the caller, hands `start` a Promise<T>, and returns what was promised. `start` runs at once, on
// the caller's thread. Not cancellable: a value that is owed always arrives.
template <class T, class Start>
Task<T> await_promise(Start start) {
    using Token = boost::asio::use_awaitable_t<Executor>;
    auto initiate = [&start](auto handler) { start(Promise<T>(std::move(handler))); };
    auto waiting = boost::asio::async_initiate<const Token, void(T)>(initiate, Token{});
    co_return co_await std::move(waiting);
}

}  // namespace pulse

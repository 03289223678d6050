#pragma once
// A call that reports to a callback, awaited. Apart from base/promise.hpp in that the call may refuse its
// arguments: what it throws before it has taken the callback comes out of the await.
#include <exception>
#include <memory>
#include <stdexcept>
#include <utility>

#include "base/promise.hpp"

namespace pulse::socketio {

// `ask` is called with a function that takes the answer, on the caller's thread.
template <class Answer, class Ask>
Task<Answer> awaited(Ask ask) {
    std::exception_ptr refused;
    const auto start = [&](Promise<Answer> promise) {
        const auto owed = std::make_shared<Promise<Answer>>(std::move(promise));
        try {
            ask([owed](Answer answer) { owed->set(std::move(answer)); });
        } catch (const std::invalid_argument&) {
            refused = std::current_exception();
            owed->set({});
        }
    };
    auto answer = co_await await_promise<Answer>(start);
    if (refused) std::rethrow_exception(refused);
    co_return answer;
}

}  // namespace pulse::socketio

#pragma once
// Whoever waits for a reply, which comes once, or for messages.
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

#include "base/guarded.hpp"
#include "base/result.hpp"
#include "redis/reply.hpp"

namespace pulse::redis {

using OnMessage = std::function<void(std::string_view channel, std::string_view payload)>;

struct Waiting {
    virtual ~Waiting() = default;
    virtual void answer(Result<Reply> reply) = 0;
};

// `on_reply` may be move-only.
template <class OnReply>
std::unique_ptr<Waiting> waiting_for(OnReply on_reply) {
    struct Calls final : Waiting {
        explicit Calls(OnReply c) : call(std::move(c)) {}
        void answer(Result<Reply> reply) override { call(std::move(reply)); }
        OnReply call;
    };
    return std::make_unique<Calls>(std::move(on_reply));
}

// What it throws is its own business.
inline void answer(Waiting& waiting, Result<Reply> reply) {
    guarded("what waited for a reply from Redis", [&] { waiting.answer(std::move(reply)); });
}

}  // namespace pulse::redis

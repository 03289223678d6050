#pragma once
// Typed events: a name bound to the types of its arguments and of its answer, so that a wrong payload does
// not compile, and one that a client got wrong does not reach the handler.
//
//     inline constexpr Event<void(std::string, int)> moved("moved");
//     inline constexpr Event<std::string(Bytes)> upload("upload");       // answered with a string
//
//     on(socket, moved, [](const std::string& who, int where) { … });
//     on(socket, upload, [](const Bytes& file) { return store(file.data); });
//     emit(io.to("room"), moved, "ann", 7);
//     emit_with_ack(socket.timeout(5s), upload, [](std::optional<std::string> answer) { … }, Bytes{"…"});
//
// Arguments are what Boost.JSON converts (numbers, strings, containers, std::optional, described structs,
// types with tag_invoke), Bytes and std::vector<Bytes> for binary. Further arguments of a client are ignored;
// of those that are std::optional the last ones may be missing. An event whose arguments are of other types
// goes to the socket's on_error() with the number of the argument. The untyped calls of Socket remain beside
// these; the same thread rules hold.
#include <boost/json/value_from.hpp>
#include <boost/json/value_to.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "socketio/event_codec.hpp"
#include "socketio/namespace.hpp"
#include "socketio/socket.hpp"

namespace pulse::socketio {

template <class Signature>
class Event;

template <class Answer, class... Arguments>
class Event<Answer(Arguments...)> {
public:
    constexpr explicit Event(const char* name) : name_(name) {}  // a literal
    constexpr const char* name() const { return name_; }

private:
    const char* name_;
};

// Answers an event, once, now or later, from any thread; nothing happens if the client asked for no answer.
template <class Answer>
class Reply {
public:
    explicit Reply(Ack ack) : ack_(std::move(ack)) {}
    void operator()(const Answer& answer) const { ack_(detail::pack(answer)); }

private:
    Ack ack_;
};

// Says only that the event has arrived.
template <>
class Reply<void> {
public:
    explicit Reply(Ack ack) : ack_(std::move(ack)) {}
    void operator()() const { ack_(); }

private:
    Ack ack_;
};

namespace detail {

// Calls the handler with the decoded arguments and sees to the answer.
template <class Answer, class Handler, class Decoded>
void call_typed(Handler& handler, Decoded& decoded, const Ack& ack) {
    std::apply(
        [&](auto&... arguments) {
            if constexpr (std::is_invocable_v<Handler&, decltype(std::move(*arguments))..., Reply<Answer>>) {
                handler(std::move(*arguments)..., Reply<Answer>(ack));
            } else if constexpr (std::is_void_v<Answer>) {
                handler(std::move(*arguments)...);
            } else {
                const Answer answer = handler(std::move(*arguments)...);
                if (ack) ack(pack(answer));
            }
        },
        decoded);
}

}  // namespace detail

// Calls handler(Arguments...) for each event of the name. Of an event with an answer, the handler returns it,
// or takes a Reply<Answer> behind the arguments.
template <class Answer, class... Arguments, class Handler>
HandlerId on(Socket& socket, const Event<Answer(Arguments...)>& event, Handler handler) {
    static_assert(std::is_invocable_v<Handler&, Arguments...> ||
                      std::is_invocable_v<Handler&, Arguments..., Reply<Answer>>,
                  "the handler does not take the event's arguments");
    return socket.on(event.name(), [&socket, name = event.name(), handler = std::move(handler)](
                                       const Args& args, const Ack& ack) mutable {
        std::string wrong;
        auto decoded = detail::unpack<Arguments...>(args, wrong);
        if (!wrong.empty()) return socket.report({name, {std::move(wrong)}, ack});
        detail::call_typed<Answer>(handler, decoded, ack);
    });
}

// `target`: a Socket, SocketOperator, Namespace, BroadcastOperator or Server. Errors as its emit().
template <class Target, class Answer, class... Arguments>
void emit(Target&& target, const Event<Answer(Arguments...)>& event,
          const std::type_identity_t<Arguments>&... arguments) {
    target.emit(event.name(), detail::pack(arguments...));
}

// `done` gets the answer; nullopt if none came in time or it is of another type.
template <class Answer, class... Arguments, class Done>
void emit_with_ack(const SocketOperator& socket, const Event<Answer(Arguments...)>& event, Done done,
                   const std::type_identity_t<Arguments>&... arguments) {
    static_assert(!std::is_void_v<Answer>, "this event has no answer");
    socket.emit_with_ack(event.name(), detail::pack(arguments...),
                         [done = std::move(done)](std::optional<Args> answer) mutable {
                             std::string wrong;
                             if (!answer) return done(std::optional<Answer>());
                             auto decoded = detail::unpack<Answer>(*answer, wrong);
                             done(std::move(std::get<0>(decoded)));
                         });
}

// `done` gets the answers that came in time and are of the right type, and how many sockets were asked.
template <class Answer, class... Arguments, class Done>
void emit_with_ack(const BroadcastOperator& sockets, const Event<Answer(Arguments...)>& event, Done done,
                   const std::type_identity_t<Arguments>&... arguments) {
    static_assert(!std::is_void_v<Answer>, "this event has no answer");
    sockets.emit_with_ack(
        event.name(), detail::pack(arguments...),
        [done = std::move(done)](const std::vector<Args>& answers, std::size_t asked) mutable {
            std::vector<Answer> typed;
            for (const auto& answer : answers) {
                std::string wrong;
                auto decoded = detail::unpack<Answer>(answer, wrong);
                if (wrong.empty()) typed.push_back(std::move(*std::get<0>(decoded)));
            }
            done(std::move(typed), asked);
        });
}

}  // namespace pulse::socketio

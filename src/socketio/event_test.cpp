#include "socketio/event.hpp"

#include <gtest/gtest.h>

#include <boost/describe/class.hpp>
#include <map>

#include "socketio/fake_session.hpp"

namespace pulse::socketio {
using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

namespace {

struct Position {
    int x = 0;
    int y = 0;
};
BOOST_DESCRIBE_STRUCT(Position, (), (x, y))

constexpr Event<void(std::string, Position)> moved("moved");
constexpr Event<void(int, std::optional<std::string>)> counted("counted");
constexpr Event<std::size_t(Bytes)> measure("measure");
constexpr Event<std::string(std::vector<Bytes>, std::map<std::string, double>)> join_up("join_up");
constexpr Event<void()> nothing("nothing");

struct TypedEvents : testing::Test {
    // Joins, after `prepare` for its socket, and sends `texts`; what the client got.
    Texts exchange(std::function<void(Socket&)> prepare, const Texts& texts) {
        world.of("/").on_connection(std::move(prepare));
        Texts got;
        world.run([&] {
            auto& session = world.open();
            session.text("0");
            for (const auto& text : texts)
                text[0] == 'b' ? session.binary(text.substr(1)) : session.text(text);
            got = session.take();
        });
        got.erase(got.begin());
        return got;
    }
    Texts notes;
    World world;
};

}  // namespace

TEST_F(TypedEvents, arguments_come_as_their_types) {
    const auto got = exchange(
        [this](Socket& socket) {
            on(socket, moved, [this](const std::string& who, Position where) {
                notes.push_back(who + " " + std::to_string(where.x + where.y));
            });
            on(socket, nothing, [this] { notes.emplace_back("nothing"); });
            on(socket, nothing, [](const Reply<void>& reply) { reply(); });
        },
        {R"(2["moved","ann",{"x":3,"y":4},"ignored"])", R"(20["nothing"])"});
    EXPECT_EQ(notes, (Texts{"ann 7", "nothing"}));
    EXPECT_EQ(got, Texts{"430[]"});
}

TEST_F(TypedEvents, optional_ones_may_be_missing) {
    exchange(
        [this](Socket& socket) {
            on(socket, counted, [this](int n, const std::optional<std::string>& unit) {
                notes.push_back(std::to_string(n) + unit.value_or("?"));
            });
        },
        {R"(2["counted",1,"m"])", R"(2["counted",2])", R"(2["counted",3,null])"});
    EXPECT_EQ(notes, (Texts{"1m", "2?", "3?"}));
}

TEST_F(TypedEvents, a_wrong_payload_goes_to_on_error_and_costs_nothing_else) {
    const auto got = exchange(
        [this](Socket& socket) {
            on(socket, moved, [this](const std::string&, Position) { notes.emplace_back("moved"); });
            on(socket, counted,
               [this](int, const std::optional<std::string>&) { notes.emplace_back("counted"); });
            socket.on_error([this](const EventError& error) {
                notes.push_back(error.event + ": " + error.error.message);
                if (error.ack) error.ack(Args({boost::json::value(error.error.message)}));
            });
        },
        {R"(21["moved","ann"])", R"(2["moved",5,{"x":1,"y":2}])", R"(2["moved","ann",{"x":1}])",
         R"(2["counted",1.5])", R"(2["counted",3000000000])", R"(2["counted",1,2])"});
    EXPECT_EQ(notes,
              (Texts{"moved: argument 2 is missing", "moved: argument 1 is of another type",
                     "moved: argument 2 is of another type", "counted: argument 1 is of another type",
                     "counted: argument 1 is of another type", "counted: argument 2 is of another type"}));
    EXPECT_EQ(got, Texts{R"(431["argument 2 is missing"])"});
}

TEST_F(TypedEvents, what_the_handler_returns_is_the_answer) {
    const auto got = exchange(
        [](Socket& socket) {
            on(socket, measure, [](const Bytes& bytes) { return bytes.data.size(); });
            on(socket, join_up,
               [](const std::vector<Bytes>& parts, const auto& weights, const Reply<std::string>& reply) {
                   std::string all;
                   for (const auto& part : parts) all += part.data;
                   reply(all + std::to_string(weights.size()));
               });
        },
        {R"(51-7["measure",{"_placeholder":true,"num":0}])", "bfive!",
         R"(51-["measure",{"_placeholder":true,"num":0}])", "bno answer wanted",
         R"(52-8["join_up",[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}],{"a":1,"b":0.5}])",
         "bx", "by"});
    EXPECT_EQ(got, (Texts{"437[5]", R"(438["xy2"])"}));
}

TEST_F(TypedEvents, are_emitted_to_anything_that_emits) {
    const auto got = exchange(
        [](Socket& socket) {
            emit(socket, moved, "ann", Position{1, 2});
            emit(socket.volatile_(), counted, 1, std::nullopt);
            emit(socket.nsp(), measure, Bytes{"B"});
            emit(socket.nsp().to(socket.id()), nothing);
        },
        {});
    EXPECT_EQ(got, (Texts{R"(42["moved","ann",{"x":1,"y":2}])", R"(42["counted",1,null])",
                          R"(451-["measure",{"_placeholder":true,"num":0}])", "bB", R"(42["nothing"])"}));
}

TEST_F(TypedEvents, an_answer_is_typed_too) {
    std::vector<std::optional<std::size_t>> answers;
    std::vector<std::size_t> all;
    exchange(
        [&](Socket& socket) {
            const auto note = [&](std::optional<std::size_t> answer) { answers.push_back(answer); };
            emit_with_ack(socket.timeout(1s), measure, note, Bytes{"a"});
            emit_with_ack(socket.timeout(1s), measure, note, Bytes{"b"});
            emit_with_ack(
                socket.nsp().timeout(1s), measure,
                [&](std::vector<std::size_t> got, std::size_t asked) {
                    EXPECT_EQ(asked, 1u);
                    all = std::move(got);
                },
                Bytes{"c"});
        },
        {"30[5]", R"(31["five"])", "32[6]"});
    EXPECT_EQ(answers, (std::vector<std::optional<std::size_t>>{5, std::nullopt}));
    EXPECT_EQ(all, std::vector<std::size_t>{6});
}

// What must not compile is asked of the compiler here.
template <class... A>
concept CanEmitMoved = requires(Socket& socket, A... arguments) { emit(socket, moved, arguments...); };
static_assert(CanEmitMoved<std::string, Position>);
static_assert(CanEmitMoved<const char*, Position>);
static_assert(!CanEmitMoved<std::string>);
static_assert(!CanEmitMoved<Position, std::string>);
static_assert(!CanEmitMoved<std::string, Position, int>);

}  // namespace pulse::socketio

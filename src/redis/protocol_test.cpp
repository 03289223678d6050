// What is said and read on a connection, without one.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <chrono>

#include "redis/backoff.hpp"
#include "redis/command.hpp"
#include "redis/login.hpp"
#include "redis/reply_reader.hpp"

namespace pulse::redis {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

TEST(RedisCommand, is_an_array_of_its_words) {
    EXPECT_EQ(Command({"SET", "a key", std::string_view("\0\r\n", 3)}).bytes(),
              "*3\r\n$3\r\nSET\r\n$5\r\na key\r\n$3\r\n\0\r\n\r\n"s);
}

TEST(RedisReplies, are_read_however_they_are_cut) {
    const std::string stream =
        "+OK\r\n:-42\r\n$5\r\na\r\nbc\r\n$-1\r\n-NOSCRIPT gone\r\n*3\r\n$1\r\nx\r\n*-1\r\n*1\r\n:7\r\n";
    EXPECT_TRUE(rc::check([&] {
        ReplyReader reader(1024);
        std::vector<Reply> got;
        for (std::size_t at = 0; at < stream.size();) {
            const auto size = *rc::gen::inRange<std::size_t>(1, 12);
            reader.feed(std::string_view(stream).substr(at, size));
            at += size;
            for (auto reply = reader.next(); reply && *reply; reply = reader.next()) got.push_back(**reply);
        }
        using Kind = Reply::Kind;
        RC_ASSERT(got.size() == 6u);
        RC_ASSERT((got[0] == Reply{.kind = Kind::text, .text = "OK"}));
        RC_ASSERT((got[1] == Reply{.kind = Kind::integer, .integer = -42}));
        RC_ASSERT((got[2] == Reply{.kind = Kind::text, .text = "a\r\nbc"}));
        RC_ASSERT((got[3] == Reply{}));
        RC_ASSERT((got[4] == Reply{.kind = Kind::error, .text = "NOSCRIPT gone"}));
        RC_ASSERT(got[5].list.size() == 3u);
        RC_ASSERT((got[5].list[2].list == std::vector<Reply>{{.kind = Kind::integer, .integer = 7}}));
    }));
}

TEST(RedisReplies, what_is_none_is_an_error_and_stays_one) {
    ReplyReader reader(1024);
    reader.feed("HTTP/1.1 400 Bad Request\r\n\r\n");
    EXPECT_FALSE(reader.next());
    reader.feed("+OK\r\n");
    EXPECT_FALSE(reader.next());
}

TEST(RedisReplies, may_be_lists_in_lists_but_not_without_end) {
    const auto nested = [](int levels) {
        std::string text;
        for (int i = 0; i < levels; ++i) text += "*1\r\n";
        ReplyReader reader(1024 * 1024);
        reader.feed(text + ":7\r\n");
        return reader.next();
    };
    const auto three = nested(3);
    ASSERT_TRUE(three && *three);
    const Reply seven{.kind = Reply::Kind::integer, .integer = 7};
    const auto list_of = [](const Reply& item) { return Reply{.kind = Reply::Kind::list, .list = {item}}; };
    EXPECT_EQ(**three, list_of(list_of(list_of(seven))));
    EXPECT_TRUE(nested(7));
    for (const int levels : {8, 9, 100, 50'000}) EXPECT_FALSE(nested(levels)) << levels;
}

TEST(RedisReplies, are_refused_when_they_grow_too_large_and_before_they_are_whole) {
    constexpr std::size_t most = 64 * 1024;
    const std::string small = "$5\r\nabcde\r\n";
    const std::string filler(16 * 1024, 'x');
    const struct {
        std::string begins;
        std::string item;
    } cases[] = {{"$1000000000\r\n", filler},
                 {"+", filler},
                 {"*10000\r\n", small},
                 {"*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1000000000\r\n", filler}};
    for (const auto& [begins, item] : cases) {
        ReplyReader reader(most);
        // Any number of small ones before it do not count.
        for (std::size_t i = 0; i < most; i += small.size()) {
            reader.feed(small);
            ASSERT_TRUE(reader.next());
        }
        reader.feed(begins);
        std::size_t taken = begins.size();
        while (reader.next() && taken < 10 * most) {
            reader.feed(item);
            taken += item.size();
        }
        EXPECT_GT(taken, most);
        EXPECT_LE(taken, most + item.size()) << begins;
        const auto refused = reader.next();
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().message, "it sent a reply of more than 65536 bytes");
    }
    ReplyReader reader(most);
    reader.feed("*2147483647\r\n");  // would be 16 GiB at once
    EXPECT_FALSE(reader.next());
    ReplyReader whole(most);
    whole.feed("$65000\r\n" + std::string(65'000, 'x'));
    EXPECT_TRUE(whole.next());
    whole.feed("\r\n:1\r\n");
    for (int i = 0; i < 2; ++i) {
        const auto reply = whole.next();
        EXPECT_TRUE(reply && *reply);
    }
}

TEST(RedisLogin, says_what_the_target_needs) {
    const auto words = [](const Target& target) {
        std::string text;
        for (const auto step : login_to(target, "me").steps) text += "ansp"[std::size_t(step)];
        return text;
    };
    EXPECT_EQ(words({.host = "h"}), "np");
    EXPECT_EQ(words({.host = "h", .user = "u", .password = "p", .database = 1}), "ansp");
    EXPECT_NE(login_to({.host = "h", .user = "u", .password = "p"}, "me").bytes.find("*3\r\n$4\r\nAUTH"),
              std::string::npos);
}

TEST(RedisLogin, tells_why_it_failed_and_never_the_password) {
    const Target target{.host = "h", .password = "hunter2"};
    struct Case {
        LoginStep step;
        std::string error;
        std::optional<std::string> want;
    };
    const Case cases[] = {
        {LoginStep::name, "NOPERM this user has no permissions", std::nullopt},
        {LoginStep::name, "NOAUTH Authentication required.",
         "it wants a password: set REDIS_URL=redis://[USER]:PASSWORD@…"},
        {LoginStep::auth, "WRONGPASS invalid username-password pair",
         "it refuses user or password: check those of REDIS_URL"},
        {LoginStep::auth, "ERR invalid password", "it refuses user or password: check those of REDIS_URL"},
        {LoginStep::auth, "ERR AUTH <password> called without any password configured for the default user",
         "it has no password for this user: leave the one in REDIS_URL out"},
        {LoginStep::auth, "ERR unknown command `AUTH`, with args beginning with: `hunter2`",
         "it refuses the log-in (ERR)"},
        {LoginStep::ping, "LOADING Redis is loading the dataset in memory", "it is loading its data"},
        {LoginStep::ping, "MASTERDOWN Link with MASTER is down", "MASTERDOWN Link with MASTER is down"},
    };
    for (const auto& [step, error, want] : cases) {
        EXPECT_EQ(problem_with(step, Reply{.kind = Reply::Kind::error, .text = error}, target), want)
            << error;
    }
    EXPECT_EQ(problem_with(LoginStep::ping, Reply{.kind = Reply::Kind::text, .text = "PONG"}, target),
              std::nullopt);
}

TEST(RedisBackoff, doubles_up_to_its_bound_and_begins_anew) {
    Backoff backoff(50ms, 300ms);
    for (const auto want : {50ms, 100ms, 200ms, 300ms, 300ms}) EXPECT_EQ(backoff.next(1), want);
    backoff.reset();
    EXPECT_EQ(backoff.next(0), 25ms);
}

}  // namespace
}  // namespace pulse::redis

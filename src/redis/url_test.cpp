#include "redis/url.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace pulse::redis {
namespace {

TEST(RedisUrl, names_a_place_a_log_in_and_a_database) {
    struct Case {
        std::string url;
        Target want;
    };
    const Case cases[] = {
        {"redis://localhost", {.host = "localhost"}},
        {"REDIS://localhost/", {.host = "localhost"}},
        {"redis://localhost:6380/2", {.host = "localhost", .port = 6380, .database = 2}},
        {"redis://localhost?db=2", {.host = "localhost", .database = 2}},
        {"redis://10.0.0.7:6379", {.host = "10.0.0.7"}},
        {"redis://[::1]:6380", {.host = "::1", .port = 6380}},
        {"redis://:secret@cache", {.host = "cache", .password = "secret"}},
        {"redis://app:p%40ss%3A%2F@cache/1",
         {.host = "cache", .user = "app", .password = "p@ss:/", .database = 1}},
        {"redis://default@cache", {.host = "cache"}},
        {"unix:///run/redis.sock", {.path = "/run/redis.sock"}},
        {"unix:///run/redis.sock?db=4", {.path = "/run/redis.sock", .database = 4}},
        {"redis+unix://:pw@/run/a%20b.sock", {.path = "/run/a b.sock", .password = "pw"}},
    };
    for (const auto& [url, want] : cases) {
        const auto target = parse_url(url);
        ASSERT_TRUE(target) << url << ": " << target.error().message;
        EXPECT_TRUE(*target == want) << url;
    }
}

TEST(RedisUrl, is_refused_with_what_to_do_and_without_its_secrets) {
    struct Case {
        std::string url;
        std::string_view says;
    };
    const Case cases[] = {
        {"", "no URL"},
        {"localhost:6379", "redis://"},
        {"http://localhost", "begins neither"},
        {"rediss://:hunter2@localhost", "stunnel"},
        {"redis://:hunter2@", "names no host"},
        {"redis://", "names no host"},
        {"redis://:hunt er2@localhost", "percent-encoded"},
        {"redis://hunter2@localhost", "user without a password"},
        {"redis://localhost:0", "port must be"},
        {"redis://localhost:65536", "port must be"},
        {"redis://:hunter2@localhost/x", "database must be a number"},
        {"redis://localhost/1/2", "database must be a number"},
        {"redis://localhost?db=-1", "database must be a number"},
        {"unix://run/redis.sock", "three slashes"},
        {"unix:", "names no socket"},
        {"unix:///" + std::string(107, 'a'), "at most 107 bytes"},
        {"unix:///run/a%00b", "zero byte"},
    };
    for (const auto& [url, says] : cases) {
        const auto target = parse_url(url);
        ASSERT_FALSE(target) << url;
        EXPECT_NE(target.error().message.find(says), std::string::npos)
            << url << ": " << target.error().message;
        EXPECT_EQ(target.error().message.find("unter2"), std::string::npos) << url;
    }
}

TEST(RedisUrl, is_written_to_the_log_without_its_secrets) {
    EXPECT_EQ(parse_url("redis://user:hunter2@cache/3")->to_string(), "cache:6379 database 3");
    EXPECT_EQ(parse_url("redis://[::1]")->to_string(), "[::1]:6379");
    EXPECT_EQ(parse_url("unix:///run/redis.sock")->to_string(), "/run/redis.sock");
}

TEST(RedisUrl, may_be_any_text) {
    EXPECT_TRUE(rc::check([](const std::string& text) {
        parse_url(text);
        parse_url("redis://" + text);
        parse_url("unix://" + text);
    }));
}

}  // namespace
}  // namespace pulse::redis

#include "app/masking.hpp"

#include <gtest/gtest.h>

namespace pulse::app {
namespace {

TEST(Masking, a_secret_shows_only_whether_it_is_there) {
    EXPECT_EQ(mask_secret("x"), "********");
    EXPECT_EQ(mask_secret("a much longer secret than that"), "********");
    EXPECT_EQ(mask_secret(""), "");
}

TEST(Masking, a_url_loses_its_password_and_nothing_else) {
    struct Case {
        std::string_view url, want;
    };
    const Case cases[] = {
        {"", ""},
        {"sqlite:pulseboard.db", "sqlite:pulseboard.db"},
        {"sqlite:/home/a:b@c/x.db", "sqlite:/home/a:b@c/x.db"},
        {"https://app.example.org:8443", "https://app.example.org:8443"},
        {"redis://localhost:6379/0", "redis://localhost:6379/0"},
        {"redis://:hunter2@localhost:6379", "redis://:********@localhost:6379"},
        {"postgresql://anna:hunter2@db:5432/x?sslmode=require",
         "postgresql://anna:********@db:5432/x?sslmode=require"},
        {"postgresql://anna@db/x", "postgresql://anna@db/x"},
        {"postgresql://db/x?user=anna&password=hunter2&a=b",
         "postgresql://db/x?user=anna&password=********&a=b"},
        {"postgresql://db/x?PassWord=hunter2", "postgresql://db/x?PassWord=********"},
        {"postgresql://db/x?password=a&password=b", "postgresql://db/x?password=********&password=********"},
        {"postgresql://anna:hun/ter@2@db/x", "postgresql://anna:********@db/x"},
        {"anna:hunter2@db", "anna:********@db"},
    };
    for (const auto& c : cases) EXPECT_EQ(mask_url(c.url), c.want) << c.url;
}

TEST(Masking, a_quoted_value_stays_on_one_bounded_line) {
    EXPECT_EQ(in_quotes("http"), "\"http\"");
    EXPECT_EQ(in_quotes(""), "\"\"");
    EXPECT_EQ(in_quotes("a\nb\x1b[31m"), "\"a?b?[31m\"");
    EXPECT_LT(in_quotes(std::string(5000, 'x')).size(), 120u);
}

}  // namespace
}  // namespace pulse::app

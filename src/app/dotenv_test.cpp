#include "app/dotenv.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdlib>
#include <fstream>

namespace pulse::app {
namespace {

TEST(Dotenv, reads_names_comments_and_quotes) {
    const auto values = parse_dotenv(
        "\xEF\xBB\xBF# a comment\n"
        "PORT=4001\n"
        "\n"
        "  HOST = 0.0.0.0  \n"
        "export LOG_LEVEL=debug\n"
        "exported=1\n"
        "JWT_SECRET=\"with # and 'single' quotes \"\n"
        "SINGLE='with \"double\" \\n quotes'   # and a comment\n"
        "DATABASE_URL=sqlite:a#b.db # the file\n"
        "EMPTY=\n"
        "COMMENTED= # nothing\n"
        "EQUALS=a=b==\n"
        "PORT=4002");
    ASSERT_TRUE(values);
    const TextValues want{
        {"PORT", "4002"},
        {"HOST", "0.0.0.0"},
        {"LOG_LEVEL", "debug"},
        {"exported", "1"},
        {"JWT_SECRET", "with # and 'single' quotes "},
        {"SINGLE", "with \"double\" \\n quotes"},
        {"DATABASE_URL", "sqlite:a#b.db"},
        {"EMPTY", ""},
        {"COMMENTED", ""},
        {"EQUALS", "a=b=="},
    };
    EXPECT_EQ(*values, want);
}

TEST(Dotenv, tolerates_the_line_ends_of_windows) {
    const auto values = parse_dotenv("PORT=4001\r\n\r\nHOST=\"::1\"\r\n# end\r\n");
    ASSERT_TRUE(values);
    EXPECT_EQ(*values, (TextValues{{"PORT", "4001"}, {"HOST", "::1"}}));
}

TEST(Dotenv, names_the_line_that_is_wrong_but_not_what_is_in_it) {
    struct Case {
        std::string_view text, want;
    };
    const Case cases[] = {
        {"PORT=1\nhunter2\n", ".env line 2: expected NAME=value"},
        {"=1", ".env line 1: expected NAME=value"},
        {"1PORT=1", ".env line 1: expected NAME=value"},
        {"\n\nMY-PORT=1", ".env line 3: expected NAME=value"},
        {"export", ".env line 1: expected NAME=value"},
        {"set PORT=1", ".env line 1: expected NAME=value"},
        {"A=\"hunter2", ".env line 1: the quotation mark is not closed"},
        {"A=\"", ".env line 1: the quotation mark is not closed"},
        {"A='hunter2\n'", ".env line 1: the quotation mark is not closed"},
        {"A='hunter' 2", ".env line 1: text after the closing quotation mark"},
    };
    for (const auto& c : cases) {
        const auto values = parse_dotenv(c.text);
        ASSERT_FALSE(values) << c.text;
        EXPECT_EQ(values.error().message, c.want);
    }
}

TEST(Dotenv, any_text_is_read_or_refused) {
    const bool held = rc::check([](const std::string& text) {
        const auto values = parse_dotenv(text);
        const bool read = values.has_value();
        RC_ASSERT(read || values.error().message.starts_with(".env line "));
    });
    EXPECT_TRUE(held);
}

class DotenvFile : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = (std::filesystem::temp_directory_path() / "pulse_dotenv_XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    std::filesystem::path folder_;
};

TEST_F(DotenvFile, is_read) {
    std::ofstream(folder_ / ".env") << "PORT=4001\n";
    EXPECT_EQ(*read_dotenv(folder_ / ".env"), (TextValues{{"PORT", "4001"}}));
}

TEST_F(DotenvFile, may_be_missing) { EXPECT_EQ(*read_dotenv(folder_ / ".env"), TextValues{}); }

TEST_F(DotenvFile, must_be_a_file) { EXPECT_FALSE(read_dotenv(folder_)); }

}  // namespace
}  // namespace pulse::app

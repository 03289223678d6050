#include "dashboard/text_rules.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace pulse::dashboard {
namespace {

std::string outcome(const Result<std::string, Wrong>& checked) {
    return checked ? "ok: " + *checked : checked.error().message;
}

TEST(TextRules, a_text_is_trimmed_counted_in_code_points_and_free_of_controls) {
    std::string greek;
    for (int i = 0; i < 5; ++i) greek += "λ";
    struct Case {
        std::string text;
        std::string want;
    };
    const Case cases[] = {
        {"ab", "ok: ab"},
        {"  a b\t\n", "ok: a b"},
        {"\u00a0\u3000a\u2028", "ok: a"},
        {greek, "ok: " + greek},
        {"😀😀😀😀😀", "ok: 😀😀😀😀😀"},
        {"e\u0301", "ok: e\u0301"},
        {"  " + greek + "  ", "ok: " + greek},
        {"", "must be 1 to 5 characters"},
        {" \n ", "must be 1 to 5 characters"},
        {greek + "x", "must be 1 to 5 characters"},
        {"a\nb", "must not contain control characters"},
        {std::string("a\0b", 3), "must not contain control characters"},
        {"\x7f", "must not contain control characters"},
        {"\u0085", "must not contain control characters"},
        {"a\xff", "must be valid UTF-8"},
        {"\xc0\xaf", "must be valid UTF-8"},
        {"\xed\xa0\x80", "must be valid UTF-8"},
        {"\xf4\x90\x80\x80", "must be valid UTF-8"},
        {"\xe2\x82", "must be valid UTF-8"},
    };
    for (const auto& c : cases) EXPECT_EQ(outcome(checked_text(c.text, 1, 5)), c.want) << c.text;
    EXPECT_EQ(outcome(checked_text(" ", 0, 5)), "ok: ");
    EXPECT_EQ(outcome(checked_text("123456", 0, 5)), "must be at most 5 characters");
}

TEST(TextRules, a_url_is_http_or_https_and_has_a_host) {
    struct Case {
        std::string text;
        std::string want;
    };
    const std::string base = "https://example.com/";
    const auto no = "must be an http or https URL";
    const Case cases[] = {
        {"http://example.com", "ok: http://example.com"},
        {"https://example.com:8443/a%20b.png?x=1#y", "ok: https://example.com:8443/a%20b.png?x=1#y"},
        {"HTTPS://example.com/", "ok: HTTPS://example.com/"},
        {"http://[2001:db8::1]/a", "ok: http://[2001:db8::1]/a"},
        {base + std::string(480, 'a'), "ok: " + base + std::string(480, 'a')},
        {base + std::string(481, 'a'), "must be 1 to 500 characters"},
        {"", "must be 1 to 500 characters"},
        {"javascript:alert(1)", no},
        {"data:image/png;base64,AA", no},
        {"ftp://example.com/a", no},
        {"//example.com/a", no},
        {"/a.png", no},
        {"example.com", no},
        {"https://", no},
        {"https:///a", no},
        {"https:a", no},
        {"https://exa mple.com", no},
        {" https://example.com", no},
        {"https://example.com/\n", no},
        {"https://example.com/<script>", no},
    };
    for (const auto& c : cases) EXPECT_EQ(outcome(checked_url(c.text, 500)), c.want) << c.text;
}

RC_GTEST_PROP(TextRules, take_any_bytes, (const std::string& text)) {
    const auto checked = checked_text(text, 0, 10);
    if (checked) RC_ASSERT(count_code_points(*checked).value() <= 10u);
    checked_url("http://" + text, 500);
}

}  // namespace
}  // namespace pulse::dashboard

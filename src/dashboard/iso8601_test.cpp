#include "dashboard/iso8601.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace pulse::dashboard {
namespace {

TEST(Iso8601, reads_any_offset_and_refuses_the_rest) {
    struct Case {
        std::string_view text;
        const char* want;  // in UTC; nullptr: refused
    };
    const Case cases[] = {
        {"2026-01-31T09:30:00.123Z", "2026-01-31T09:30:00.123Z"},
        {"2026-01-31T09:30:00Z", "2026-01-31T09:30:00.000Z"},
        {"2026-01-31T09:30Z", "2026-01-31T09:30:00.000Z"},
        {"2026-01-31t09:30:00z", "2026-01-31T09:30:00.000Z"},
        {"2026-01-31T09:30:00.1Z", "2026-01-31T09:30:00.100Z"},
        {"2026-01-31T09:30:00,123456789Z", "2026-01-31T09:30:00.123Z"},
        {"2026-01-31T00:30:00+02:00", "2026-01-30T22:30:00.000Z"},
        {"2026-01-31T23:30:00-0330", "2026-02-01T03:00:00.000Z"},
        {"2026-01-31T23:30:00+05", "2026-01-31T18:30:00.000Z"},
        {"2026-01-31T23:30:00-00:00", "2026-01-31T23:30:00.000Z"},
        {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"},
        {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"},
        {"2026-02-29T00:00:00Z", nullptr},
        {"2026-13-01T00:00:00Z", nullptr},
        {"2026-00-01T00:00:00Z", nullptr},
        {"2026-01-31T24:00:00Z", nullptr},
        {"2026-01-31T09:60:00Z", nullptr},
        {"2026-01-31T09:30:61Z", nullptr},
        {"2026-01-31T09:30:60Z", nullptr},
        {"2026-01-31T09:30:00", nullptr},
        {"2026-01-31", nullptr},
        {"2026-01-31T09:30:00+24:00", nullptr},
        {"2026-01-31T09:30:00+2:00", nullptr},
        {"2026-01-31T09:30:00+02:0", nullptr},
        {"2026-01-31T09:30:00.Z", nullptr},
        {"2026-01-31T09:30:00Z ", nullptr},
        {" 2026-01-31T09:30:00Z", nullptr},
        {"2026-1-31T09:30:00Z", nullptr},
        {"20260131T093000Z", nullptr},
        {"+002026-01-31T09:30:00Z", nullptr},
        {"1769851800", nullptr},
        {"", nullptr},
    };
    for (const auto& c : cases) {
        const auto time = parse_iso8601(c.text);
        EXPECT_EQ(time ? to_iso8601(*time) : "refused", c.want ? c.want : "refused") << c.text;
    }
}

RC_GTEST_PROP(Iso8601, reads_what_we_write, ()) {
    const WallTime time(std::chrono::milliseconds(*rc::gen::inRange<std::int64_t>(0, 253'402'300'799'999)));
    RC_ASSERT(parse_iso8601(to_iso8601(time)) == time);
}

RC_GTEST_PROP(Iso8601, takes_any_bytes, (const std::string& text)) {
    parse_iso8601(text);
    parse_iso8601("2026-01-31T" + text);
}

}  // namespace
}  // namespace pulse::dashboard

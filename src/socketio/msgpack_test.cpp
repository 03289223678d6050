#include "socketio/msgpack.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <limits>

namespace pulse::socketio {
namespace json = boost::json;
using namespace std::string_literals;

namespace {

std::string encode(const json::value& value, const std::vector<std::string>& attachments = {}) {
    return MsgpackWriter().value(value, attachments).take();
}

std::string bytes_of(std::initializer_list<int> bytes) {
    std::string out;
    for (const int byte : bytes) out += char(byte);
    return out;
}

// What JSON can say, nested `depth` deep, with placeholders of the attachments that are put aside.
json::value random_value(int depth, std::vector<std::string>& attachments) {
    switch (*rc::gen::inRange(0, depth > 0 ? 9 : 7)) {
        case 0:
            return nullptr;
        case 1:
            return *rc::gen::arbitrary<bool>();
        case 2:
            return *rc::gen::arbitrary<std::int64_t>();
        case 3:  // what is smaller comes back signed
            return *rc::gen::inRange<std::uint64_t>(std::uint64_t(INT64_MAX) + 1, UINT64_MAX);
        case 4:
            return *rc::gen::arbitrary<double>();
        case 5:
            return json::value(json::string(*rc::gen::container<std::string>(rc::gen::inRange(' ', '~'))));
        case 6:
            if (attachments.size() == 10) return nullptr;
            attachments.push_back(*rc::gen::arbitrary<std::string>());
            return json::object{{"_placeholder", true}, {"num", attachments.size() - 1}};
        case 7: {
            json::array items;
            for (int n = *rc::gen::inRange(0, 20); n > 0; --n)
                items.push_back(random_value(depth - 1, attachments));
            return items;
        }
        default: {
            json::object members;
            for (int n = *rc::gen::inRange(0, 20); n > 0; --n) {
                members["k" + std::to_string(n)] = random_value(depth - 1, attachments);
            }
            return members;
        }
    }
}

}  // namespace

TEST(Msgpack, writes_each_kind_in_its_smallest_form) {
    struct Case {
        json::value value;
        std::string wire;
    };
    const Case cases[] = {
        {nullptr, "\xc0"},
        {false, "\xc2"},
        {true, "\xc3"},
        {0, "\0"s},
        {127, "\x7f"},
        {128, "\xcc\x80"},
        {256, "\xcd\x01\x00"s},
        {65536, "\xce\x00\x01\x00\x00"s},
        {std::int64_t(1) << 32, "\xcf\x00\x00\x00\x01\x00\x00\x00\x00"s},
        {UINT64_MAX, "\xcf\xff\xff\xff\xff\xff\xff\xff\xff"},
        {-1, "\xff"},
        {-32, "\xe0"},
        {-33, "\xd0\xdf"},
        {-129, "\xd1\xff\x7f"},
        {-32769, "\xd2\xff\xff\x7f\xff"},
        {std::int64_t(-2147483649), "\xd3\xff\xff\xff\xff\x7f\xff\xff\xff"},
        {1.5, "\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00"s},
        {std::numeric_limits<double>::quiet_NaN(), "\xc0"},
        {"hi", "\xa2hi"},
        {json::value(json::string(32, 'x')), "\xd9\x20" + std::string(32, 'x')},
        {json::value(json::string(256, 'x')), "\xda\x01\x00"s + std::string(256, 'x')},
        {json::value(json::string(65536, 'x')), "\xdb\x00\x01\x00\x00"s + std::string(65536, 'x')},
        {json::array{1, "a"},
         "\x92\x01\xa1"
         "a"},
        {json::object{{"a", 1}},
         "\x81\xa1"
         "a\x01"},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(encode(c.value), c.wire) << json::serialize(c.value).substr(0, 40);
        if (c.wire == "\xc0") continue;
        const auto back = decode_msgpack(c.wire);
        ASSERT_TRUE(back) << json::serialize(c.value).substr(0, 40);
        EXPECT_EQ(back->value, c.value);
    }
}

TEST(Msgpack, binary_becomes_attachments_and_back) {
    const auto wire = "\x93\xc4\x02\x01\x02\x01\xc4\x00"s;
    const auto read = decode_msgpack(wire);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->attachments, (std::vector{"\x01\x02"s, ""s}));
    EXPECT_EQ(json::serialize(read->value),
              R"([{"_placeholder":true,"num":0},1,{"_placeholder":true,"num":1}])");
    EXPECT_EQ(encode(read->value, read->attachments), wire);
    // A placeholder without its bytes is what it looks like.
    EXPECT_EQ(encode(json::object{{"_placeholder", true}, {"num", 1}}, {"x"})[0], '\x82');
}

TEST(Msgpack, reads_dates_and_the_forms_of_old_peers) {
    struct Case {
        std::string wire;
        std::string want;
    };
    const Case cases[] = {
        {bytes_of({0xd6, 0xff, 0x65, 0x53, 0xf1, 0x00}), R"("2023-11-14T22:13:20.000Z")"},
        // 123 ms in nanoseconds, above the 34 bits of seconds
        {bytes_of({0xd7, 0xff, 0x1d, 0x53, 0x53, 0x00, 0x65, 0x53, 0xf1, 0x00}),
         R"("2023-11-14T22:13:20.123Z")"},
        {bytes_of({0xc7, 0x0c, 0xff, 0x07, 0x54, 0xd4, 0xc0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}),
         R"("1969-12-31T23:59:59.123Z")"},
        {bytes_of({0xc7, 0x0c, 0xff, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}), "null"},
        {bytes_of({0xd7, 0x00, 0, 0, 0x01, 0x8b, 0xcf, 0xe5, 0x68, 0x00}), R"("2023-11-14T22:13:20.000Z")"},
        {bytes_of({0x91, 0xd4, 0x00, 0x00}), "[null]"},
        {bytes_of({0x82, 0xa1, 'a', 0xd4, 0x00, 0x00, 0xa1, 'b', 0x01}), R"({"b":1})"},
        {bytes_of({0x81, 0xa1, 'a', 0x91, 0xd4, 0x00, 0x00}), R"({"a":[null]})"},
        {bytes_of({0xc7, 0x03, 0x00, 1, 2, 3}), R"({"_placeholder":true,"num":0})"},
        {bytes_of({0xc8, 0x00, 0x02, 0x00, 1, 2}), R"({"_placeholder":true,"num":0})"},
        {bytes_of({0xca, 0x3f, 0xc0, 0x00, 0x00}), "1.5E0"},
    };
    for (const auto& c : cases) {
        const auto read = decode_msgpack(c.wire);
        ASSERT_TRUE(read) << c.want << to_string(read.error());
        EXPECT_EQ(json::serialize(read->value), c.want);
    }
}

TEST(Msgpack, refuses_what_no_peer_sends) {
    struct Case {
        std::string wire;
        MsgpackError want;
    };
    const Case cases[] = {
        {"", MsgpackError::truncated},
        {"\x92\x01", MsgpackError::truncated},
        {"\xdb\xff\xff\xff\xff", MsgpackError::truncated},
        {"\xdd\xff\xff\xff\xff", MsgpackError::truncated},
        {"\xc6\xff\xff\xff\xff", MsgpackError::truncated},
        {"\xc9\xff\xff\xff\xff\x00"s, MsgpackError::truncated},
        {"\x01\x01", MsgpackError::trailing_bytes},
        {"\xc1", MsgpackError::unknown_type},
        {bytes_of({0xd4, 0x05, 0x00}), MsgpackError::unknown_type},
        {bytes_of({0xd5, 0xff, 0x00, 0x00}), MsgpackError::unknown_type},
        {"\x81\x01\x01", MsgpackError::bad_key},
        {"\xa1\xff", MsgpackError::not_utf8},
        {std::string(33, '\x91') + "\xc0", MsgpackError::too_deep},
        {"\x9b" + "\xc4\x00\xc4\x00\xc4\x00\xc4\x00\xc4\x00\xc4\x00\xc4\x00\xc4\x00\xc4\x00\xc4\x00\xc4\x00"s,
         MsgpackError::too_many_attachments},
        {encode(json::object{{"_placeholder", true}, {"num", 0}}), MsgpackError::forged_placeholder},
    };
    for (const auto& c : cases) {
        const auto read = decode_msgpack(c.wire);
        ASSERT_FALSE(read) << to_string(c.want);
        EXPECT_EQ(read.error(), c.want) << to_string(read.error());
    }
    EXPECT_TRUE(decode_msgpack(std::string(32, '\x91') + "\xc0"));
}

RC_GTEST_PROP(MsgpackProperty, what_was_written_is_read_back, ()) {
    std::vector<std::string> attachments;
    const json::value value = random_value(4, attachments);
    const std::string wire = encode(value, attachments);
    const auto back = decode_msgpack(wire);
    RC_ASSERT(back.has_value());
    RC_ASSERT(back->attachments == attachments);
    RC_ASSERT(back->value == value);
    RC_ASSERT(encode(back->value, back->attachments) == wire);
    // Every proper beginning is refused, and so is one byte more.
    const auto cut = *rc::gen::inRange<std::size_t>(0, wire.size());
    RC_ASSERT(decode_msgpack(std::string_view(wire).substr(0, cut)).has_error());
    RC_ASSERT(decode_msgpack(wire + '\x01').has_error());
}

RC_GTEST_PROP(MsgpackProperty, any_bytes_are_read_or_refused, ()) {
    const auto wire = *rc::gen::container<std::string>(rc::gen::oneOf(
        rc::gen::arbitrary<char>(),
        rc::gen::elementOf("\x81\x92\xa1\xc0\xc4\xc7\xcb\xcf\xd4\xd6\xd7\xd9\xdc\xde\xff\x00 a"s)));
    const auto read = decode_msgpack(wire);
    if (!read) return;
    // What was read can be sent on.
    RC_ASSERT(decode_msgpack(encode(read->value, read->attachments)).has_value());
}

}  // namespace pulse::socketio

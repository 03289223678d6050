#include "socketio/redis_streams/stream_state.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace pulse::socketio::redis_streams {
namespace {

using redis::Reply;

Reply text(std::string value) { return {Reply::Kind::text, 0, std::move(value)}; }
Reply number(std::int64_t value) { return {Reply::Kind::integer, value, {}}; }
Reply list(std::vector<Reply> items) { return {Reply::Kind::list, 0, {}, std::move(items)}; }

Reply info(std::int64_t length, std::int64_t added, std::string first, std::string last) {
    return list({text("length"), number(length), text("last-generated-id"), text(std::move(last)),
                 text("entries-added"), number(added), text("first-entry"),
                 first.empty() ? Reply() : list({text(std::move(first)), list({})})});
}

Position at(std::string_view id) { return *position_of(id); }

}  // namespace

TEST(EntryId, is_a_position_that_grows_with_it) {
    EXPECT_EQ(position_of("0-0"), 0u);
    EXPECT_EQ(id_of(at("1732000000000-5")), "1732000000000-5");
    EXPECT_LT(at("1732000000000-5"), at("1732000000000-6"));
    EXPECT_LT(at("1732000000000-4194303"), at("1732000000001-0"));
    EXPECT_LT(at("9-9"), at("10-0"));
}

TEST(EntryId, that_is_none_or_fits_into_no_number_has_no_position) {
    for (const auto* wrong : {"", "-", "1", "1-", "-1", "1-2-3", "a-1", "1-a", " 1-1", "1-1 ", "+1-1", "1--1",
                              "1-4194304", "4398046511104-0", "99999999999999999999-0"}) {
        EXPECT_FALSE(position_of(wrong)) << wrong;
    }
}

RC_GTEST_PROP(EntryId, goes_both_ways, ()) {
    const auto position = *rc::gen::arbitrary<std::uint64_t>();
    RC_ASSERT(position_of(id_of(position)) == position);
}

TEST(StreamState, knows_whether_something_is_missing) {
    const auto trimmed = read_state(info(2, 9, "5-0", "8-0"));
    ASSERT_TRUE(trimmed);
    EXPECT_TRUE(trimmed->has_all_after(at("5-0")));
    EXPECT_TRUE(trimmed->has_all_after(at("8-0")));
    EXPECT_FALSE(trimmed->has_all_after(at("4-0")));  // what came after it may be gone
    EXPECT_FALSE(trimmed->has_all_after(0));
    EXPECT_FALSE(trimmed->has_all_after(at("9-0")));  // of another life of this stream

    const auto young = read_state(info(2, 2, "5-0", "8-0"));
    ASSERT_TRUE(young);
    EXPECT_TRUE(young->has_all_after(0));           // it was empty then
    EXPECT_FALSE(young->has_all_after(at("4-0")));  // it was another one then

    const auto emptied = read_state(info(0, 3, "", "8-0"));
    ASSERT_TRUE(emptied);
    EXPECT_TRUE(emptied->has_all_after(at("8-0")));
    EXPECT_FALSE(emptied->has_all_after(at("7-0")));

    EXPECT_TRUE(StreamState().has_all_after(0));
    EXPECT_FALSE(StreamState().has_all_after(at("1-0")));
}

TEST(StreamState, of_something_else_is_none) {
    EXPECT_FALSE(read_state(Reply()));
    EXPECT_FALSE(read_state(list({})));
    EXPECT_FALSE(read_state(list({text("length"), number(1)})));
    EXPECT_FALSE(read_state(list({text("length")})));
}

TEST(StreamEntry, has_the_fields_it_has) {
    const auto reply =
        list({text("1-2"), list({text("uid"), text("u"), text("nsp"), text("/"), text("type"), text("3"),
                                 text("other"), text("x"), text("number"), text("7")})});
    const auto entry = read_entry(reply);
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->id, "1-2");
    EXPECT_EQ(entry->uid, "u");
    EXPECT_EQ(entry->nsp, "/");
    EXPECT_EQ(entry->type, "3");
    EXPECT_EQ(entry->data, "");
    EXPECT_EQ(entry->number, 7u);
    EXPECT_FALSE(read_entry(list({text("1-2")})));
    EXPECT_FALSE(read_entry(text("1-2")));
    const auto deleted = list({text("1-2"), Reply()});
    EXPECT_TRUE(read_entry(deleted));
    EXPECT_EQ(entries_read(Reply()), nullptr);
    EXPECT_EQ(entries_read(list({list({text("s"), text("x")})})), nullptr);
    const auto read = list({list({text("s"), list({reply})})});
    ASSERT_NE(entries_read(read), nullptr);
    EXPECT_EQ(entries_read(read)->size(), 1u);
}

}  // namespace pulse::socketio::redis_streams

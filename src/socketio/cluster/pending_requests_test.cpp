#include "socketio/cluster/pending_requests.hpp"

#include <gtest/gtest.h>

namespace pulse::socketio::cluster {
namespace {

using namespace std::chrono_literals;

TEST(PendingRequests, a_repeated_id_ends_the_first_and_leaves_nothing_of_it) {
    PendingRequests pending;
    int carried_out = 0;
    std::optional<bool> complete;
    const TimePoint start{};
    pending.add("id", start + 1s, OwnCommand{[&] { ++carried_out; }});
    pending.add("id", start + 3s,
                FetchingSockets{1, {}, [&](const FetchedSockets& got) { complete = got.complete; }});
    EXPECT_EQ(carried_out, 1);
    EXPECT_EQ(pending.size(), 1u);
    EXPECT_EQ(pending.next_deadline(), start + 3s);
    EXPECT_EQ(pending.expire(start + 2s), 0u);
    pending.answer({"id", SocketsAnswer{}});
    EXPECT_EQ(complete, true);
    EXPECT_EQ(pending.expire(start + 4s), 0u);  // once looked up the first one's deadline, in vain
    EXPECT_EQ(pending.next_deadline(), TimePoint::max());
}

}  // namespace
}  // namespace pulse::socketio::cluster

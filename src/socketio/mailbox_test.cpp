#include "socketio/mailbox.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <latch>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "net/shard.hpp"

namespace pulse::socketio {

TEST(Mailbox, wakes_once_until_it_was_found_empty) {
    Mailbox mailbox;
    int ran = 0;
    EXPECT_TRUE(mailbox.put(Mailbox::make([&] { ++ran; })));
    EXPECT_FALSE(mailbox.put(Mailbox::make([&] { ++ran; })));
    while (const auto work = mailbox.take()) work->run();
    EXPECT_EQ(ran, 2);
    EXPECT_TRUE(mailbox.put(Mailbox::make([] {})));  // and destroyed unrun
}

// A shard that is busy while two threads post: one a burst, the other one thing after it.
TEST(Mailbox, a_burst_from_one_thread_delays_another_by_no_more_than_a_turn) {
    net::ShardPool pool(1, system_clock());
    const auto mail = std::make_shared<ShardMail>(pool[0]);
    std::vector<int> order;
    std::latch ready(1);
    std::latch all(1);
    bool own = false;
    std::size_t when_own_ran = 0;
    pool[0].post([&] { ready.wait(); });
    std::thread([&] {
        for (int i = 0; i < 20'000; ++i) mail->post([&, i] { order.push_back(i); });
        mail->post([&] { all.count_down(); });
    }).join();
    std::thread([&] {
        mail->post([&] {
            order.push_back(-1);
            // What the shard has to do itself, as reading and writing, has its turn too.
            pool[0].post([&] {
                own = true;
                when_own_ran = order.size();
            });
        });
    }).join();
    pool.start();
    ready.count_down();
    all.wait();
    pool.stop();
    ASSERT_TRUE(own);
    ASSERT_EQ(order.size(), 20'001u);
    const auto tick = std::find(order.begin(), order.end(), -1);
    EXPECT_LE(tick - order.begin(), 2);
    EXPECT_LE(when_own_ran, 200u);
    order.erase(tick);
    for (int i = 0; i < 20'000; ++i) ASSERT_EQ(order[std::size_t(i)], i);
}

TEST(Mailbox, many_threads_each_keep_their_order) {
    net::ShardPool pool(1, system_clock());
    const auto mail = std::make_shared<ShardMail>(pool[0]);
    pool.start();
    constexpr int threads = 8;
    constexpr int each = 2'000;
    std::vector<int> next(threads, 0);
    bool kept = true;
    std::latch done(threads);
    std::vector<std::thread> senders;
    for (int thread = 0; thread < threads; ++thread) {
        senders.emplace_back([&, thread] {
            for (int i = 0; i < each; ++i) {
                mail->post([&, thread, i] { kept = kept && next[std::size_t(thread)]++ == i; });
            }
            mail->post([&] { done.count_down(); });
        });
    }
    for (auto& sender : senders) sender.join();
    done.wait();
    pool.stop();
    EXPECT_TRUE(kept);
}

TEST(Mailbox, what_a_stopped_shard_never_runs_is_destroyed) {
    net::ShardPool pool(1, system_clock());
    const auto mail = std::make_shared<ShardMail>(pool[0]);
    mail->post([mail] {});  // as work holds its namespace, and that the mail
    mail->post([mail] {});
    EXPECT_EQ(mail.use_count(), 4);  // the waker too
    pool.stop();
    EXPECT_EQ(mail.use_count(), 1);
}

}  // namespace pulse::socketio

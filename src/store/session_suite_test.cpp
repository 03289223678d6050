#include "store/session_suite.hpp"

namespace pulse::store {

using namespace std::chrono_literals;
using Outcome = Rotated::Outcome;

TEST_P(SessionSuite, a_session_is_found_as_it_was_begun) {
    const auto id = begin(1);
    const auto found = run(store->sessions().session(id));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->id, id);
    EXPECT_EQ(found->user, user.id);
    EXPECT_EQ(found->access_expires_at, clock.wall_now() + 15min);
    EXPECT_EQ(found->expires_at, clock.wall_now() + 720h);
    EXPECT_FALSE(found->revoked);
    EXPECT_EQ(found->role, Role::landlord);
    EXPECT_EQ(run(store->sessions().session(SessionId::random())).error().code, ErrorCode::not_found);
}

TEST_P(SessionSuite, a_refresh_token_is_good_once_and_names_its_user) {
    const auto id = begin(1);
    clock.advance(1min);
    const auto first = run(store->sessions().rotate_session(rotation(id, 1, 2)));
    ASSERT_EQ(first->outcome, Outcome::rotated);
    EXPECT_EQ(first->user.id, user.id);
    EXPECT_EQ(first->user.email, "Ann@example.org");
    EXPECT_EQ(first->user.role, Role::landlord);
    EXPECT_EQ(run(store->sessions().session(id))->access_expires_at, clock.wall_now() + 15min);
    clock.advance(10ms);
    EXPECT_EQ(rotate(id, 2, 3), Outcome::rotated);
    EXPECT_EQ(rotate(id, 3, 4), Outcome::rotated);
}

TEST_P(SessionSuite, an_old_refresh_token_revokes_the_session) {
    for (const int age : {1, 2, 3}) {
        const auto id = begin(1);
        clock.advance(10ms);
        for (int i = 1; i <= age; ++i)
            EXPECT_EQ(rotate(id, std::uint8_t(i), std::uint8_t(i + 1)), Outcome::rotated);
        EXPECT_EQ(rotate(id, 1, 9), Outcome::reused);
        EXPECT_TRUE(revoked(id));
        EXPECT_EQ(rotate(id, std::uint8_t(age + 1), 9), Outcome::unknown);
    }
}

TEST_P(SessionSuite, of_requests_at_once_one_wins_and_the_session_goes_on) {
    const auto id = begin(1);
    clock.advance(10ms);
    std::vector<Task<Result<Rotated>>> tasks;
    for (int i = 0; i < 20; ++i) tasks.push_back(store->sessions().rotate_session(rotation(id, 1, 2)));
    int won = 0;
    for (const auto& result : run_all(std::move(tasks))) {
        ASSERT_TRUE(result);
        if (result->outcome == Outcome::rotated)
            ++won;
        else
            EXPECT_EQ(result->outcome, Outcome::lost);
    }
    EXPECT_EQ(won, 1);
    EXPECT_FALSE(revoked(id));
    clock.advance(10ms);
    EXPECT_EQ(rotate(id, 2, 3), Outcome::rotated);
}

TEST_P(SessionSuite, who_comes_before_the_next_token_was_handed_out_is_no_thief) {
    const auto id = begin(1);
    clock.advance(10ms);
    auto first = rotation(id, 1, 2);
    first.held = 100ms;
    clock.advance(5s);  // it waits for its turn
    EXPECT_EQ(run(store->sessions().rotate_session(first))->outcome, Outcome::rotated);
    clock.advance(100ms);
    EXPECT_EQ(rotate(id, 1, 3), Outcome::lost);
    EXPECT_FALSE(revoked(id));
    EXPECT_EQ(rotate(id, 1, 3), Outcome::reused);
    EXPECT_TRUE(revoked(id));
}

TEST_P(SessionSuite, what_expired_or_belongs_to_nobody_is_unknown) {
    const auto id = begin(1);
    clock.advance(720h);
    EXPECT_EQ(rotate(id, 1, 2), Outcome::unknown);
    EXPECT_EQ(rotate(SessionId::random(), 1, 2), Outcome::unknown);
    const auto other = begin(1);
    database->sql("DELETE FROM users WHERE id = '" + user.id.to_string() + "'");
    EXPECT_EQ(rotate(other, 1, 2), Outcome::unknown);
}

// An adopted database may know roles that we do not: nobody is taken for a tenant because of that.
TEST_P(SessionSuite, a_user_of_an_unknown_role_neither_signs_in_nor_goes_on) {
    const auto id = begin(1);
    const std::string update = "UPDATE users SET role = 'admin' WHERE id = '" + user.id.to_string() + "'";
    if (database->own_schema().empty()) {
        database->sql("PRAGMA ignore_check_constraints = ON; " + update);
    } else {
        database->sql("ALTER TYPE user_role ADD VALUE 'admin'");
        database->sql(update);
    }
    EXPECT_EQ(run(store->user_by_email(user.email)).error().code, ErrorCode::not_found);
    EXPECT_EQ(rotate(id, 1, 2), Outcome::unknown);
}

TEST_P(SessionSuite, revoking_is_final_and_may_be_repeated) {
    const auto id = begin(1);
    EXPECT_TRUE(run(store->sessions().revoke_session(id)));
    EXPECT_TRUE(run(store->sessions().revoke_session(id)));
    EXPECT_TRUE(run(store->sessions().revoke_session(SessionId::random())));
    EXPECT_TRUE(revoked(id));
    EXPECT_EQ(rotate(id, 1, 2), Outcome::unknown);
}

TEST_P(SessionSuite, who_follows_hears_of_revocations_before_their_caller_is_answered) {
    Listener changes;
    RevocationListener listener;
    store->sessions().on_revoked(listener.callback());
    store->follow(changes.callback());
    const auto out = begin(1);
    const auto stolen = begin(1);
    const auto kept = begin(1);
    clock.advance(10ms);
    EXPECT_TRUE(run(store->sessions().revoke_session(out)));
    EXPECT_TRUE(listener.now(out));
    EXPECT_EQ(rotate(stolen, 1, 2), Outcome::rotated);
    EXPECT_EQ(rotate(stolen, 1, 3), Outcome::reused);
    EXPECT_TRUE(listener.now(stolen));
    EXPECT_FALSE(listener.now(kept));
    store->stop();
}

TEST_P(SessionSuite, a_session_ended_at_a_sql_prompt_is_heard_of_too) {
    Listener changes;
    RevocationListener listener;
    store->sessions().on_revoked(listener.callback());
    store->follow(changes.callback());
    const auto updated = begin(1);
    const auto deleted = begin(1);
    database->sql("UPDATE " + database->own_schema() + "sessions SET revoked_at = expires_at WHERE id = '" +
                  updated.to_string() + "'");
    EXPECT_TRUE(listener.wait_for(updated));
    database->sql("DELETE FROM " + database->own_schema() + "sessions WHERE id = '" + deleted.to_string() +
                  "'");
    EXPECT_TRUE(listener.wait_for(deleted));
    store->stop();
}

TEST_P(SessionSuite, who_starts_hears_of_what_was_revoked_lately) {
    const auto id = begin(1);
    EXPECT_TRUE(run(store->sessions().revoke_session(id)));
    Listener changes;
    RevocationListener listener;
    store->sessions().on_revoked(listener.callback());
    store->follow(changes.callback());
    EXPECT_TRUE(listener.now(id));
    store->stop();
}

}  // namespace pulse::store

#include "store/store_suite.hpp"

namespace pulse::store {

TEST_P(StoreSuite, a_tenant_nobody_has_heard_of_has_zeros) {
    EXPECT_EQ(kpis(ann.id), TenantKpis{});
    const auto nothing = state(ann.id, 0, 20);
    EXPECT_TRUE(nothing.complete);
    EXPECT_TRUE(nothing.changes.empty());
    EXPECT_EQ(nothing.businesses_total, 0);
    EXPECT_TRUE(run(store->trends(ann.id, today() - std::chrono::days(30), today()))->empty());
    EXPECT_EQ(run(store->versions({ann.id}))->at(0).second, 0u);
}

TEST_P(StoreSuite, create_gives_the_business_as_it_is_read_later_and_the_version) {
    const NewBusiness fresh{"Café \"Ünï\"", "food", "https://example.com/l.png",
                            BusinessStatus::stealth_mode};
    const auto written = run(store->create_business(ann, fresh));
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_EQ(written->version, 1u);
    EXPECT_EQ(written->value.name, fresh.name);
    EXPECT_EQ(written->value.logo_url, fresh.logo_url);
    EXPECT_EQ(written->value.user_id, ann.id);
    EXPECT_EQ(written->value.created_at, clock.wall_now());
    EXPECT_EQ(*run(store->business(ann.id, written->value.id)), written->value);
    const auto changes = state(ann.id, 0).changes;
    ASSERT_EQ(changes.size(), 1u);
    EXPECT_EQ(changes[0].kind, ChangeKind::business_created);
    EXPECT_EQ(changes[0].business, written->value);
}

TEST_P(StoreSuite, the_first_write_creates_the_user_and_an_address_belongs_to_one_id) {
    create(ann, "one");
    EXPECT_EQ(run(store->user_by_email("ANN@example.com"))->id, ann.id);
    const Owner thief{UserId::random(), "Ann@Example.com", Role::tenant};
    const auto refused = run(store->create_business(thief, {"x", "y", std::nullopt}));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::conflict);
    EXPECT_EQ(kpis(thief.id).version, 0u) << "a failed write changes nothing";
    const Owner nameless{UserId::random(), "", Role::tenant};
    create(nameless, "two");
    EXPECT_EQ(run(store->user_by_email(nameless.id.to_string() + "@unknown.invalid"))->id, nameless.id);
    // Once there, the row stays as it is, whatever address a later token carries.
    create({ann.id, "bob@example.com", Role::tenant}, "three");
    EXPECT_EQ(run(store->user_by_email("ann@example.com"))->id, ann.id);
}

TEST_P(StoreSuite, users_are_created_once_and_found_by_their_address) {
    const User user{UserId::random(), "Eve@example.com", "hash", Role::landlord};
    ASSERT_TRUE(run(store->create_user(user)));
    const auto found = run(store->user_by_email("eve@EXAMPLE.com"));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->id, user.id);
    EXPECT_EQ(found->password_hash, "hash");
    EXPECT_EQ(found->role, Role::landlord);
    EXPECT_EQ(run(store->create_user({UserId::random(), "eve@example.com", "", Role::tenant})).error().code,
              ErrorCode::conflict);
    EXPECT_EQ(run(store->user_by_email("nobody@example.com")).error().code, ErrorCode::not_found);
}

TEST_P(StoreSuite, update_changes_what_is_set_and_a_patch_without_effect_is_no_change) {
    const auto before = create(ann, "one");
    clock.advance(std::chrono::seconds(5));
    BusinessPatch patch;
    patch.name = "two";
    patch.logo_url = std::optional<std::string>("https://example.com/x");
    patch.stealth_mode_enabled = true;
    const auto updated = run(store->update_business(ann, before.id, patch));
    ASSERT_TRUE(updated);
    EXPECT_EQ(updated->version, 2u);
    auto want = before;
    want.name = "two";
    want.logo_url = "https://example.com/x";
    want.stealth_mode_enabled = true;
    want.updated_at = clock.wall_now();
    EXPECT_EQ(updated->value, want);
    clock.advance(std::chrono::seconds(5));
    const auto same = run(store->update_business(ann, before.id, patch));
    EXPECT_EQ(same->version, 2u);
    EXPECT_EQ(same->value, want);
    BusinessPatch clear;
    clear.logo_url.emplace(std::nullopt);
    EXPECT_EQ(run(store->update_business(ann, before.id, clear))->value.logo_url, std::nullopt);
}

TEST_P(StoreSuite, another_tenants_business_is_as_one_that_does_not_exist) {
    const auto mine = create(ann, "one");
    const auto nobody = BusinessId::random();
    for (const auto id : {mine.id, nobody}) {
        EXPECT_EQ(run(store->business(bob.id, id)).error().code, ErrorCode::not_found);
        EXPECT_EQ(run(store->metrics(bob.id, id, today(), today())).error().code, ErrorCode::not_found);
        BusinessPatch patch;
        patch.name = "stolen";
        EXPECT_EQ(run(store->update_business(bob, id, patch)).error().code, ErrorCode::not_found);
        EXPECT_EQ(run(store->delete_business(bob, id)).error().code, ErrorCode::not_found);
    }
    EXPECT_EQ(kpis(ann.id).version, 1u);
    EXPECT_EQ(run(store->user_by_email(bob.email)).error().code, ErrorCode::not_found);
}

TEST_P(StoreSuite, kpis_follow_status_activity_and_deletion) {
    const auto a = create(ann, "a");
    const auto b = create(ann, "b", BusinessStatus::pending_verification);
    EXPECT_EQ(kpis(ann.id), (TenantKpis{1, 0, 0, 0, 2}));
    record({event(a.id, ActivityType::view, 10), event(a.id, ActivityType::invite, 4),
            event(b.id, ActivityType::message, 3), event(b.id, ActivityType::view, 1, 2)});
    const auto counted = kpis(ann.id);
    EXPECT_EQ(counted, (TenantKpis{1, 4, 11, 3, counted.version}));
    EXPECT_GE(counted.version, 4u) << "one change per business, or";
    EXPECT_LE(counted.version, 5u) << "one per business and day";
    BusinessPatch patch;
    patch.status = BusinessStatus::active;
    ASSERT_TRUE(run(store->update_business(ann, b.id, patch)));
    EXPECT_EQ(kpis(ann.id).active_businesses, 2);
    const auto deleted = run(store->delete_business(ann, a.id));
    ASSERT_TRUE(deleted);
    EXPECT_EQ(deleted->version, counted.version + 2);
    EXPECT_EQ(kpis(ann.id), (TenantKpis{1, 0, 1, 3, counted.version + 2}));
    const auto changes = state(ann.id, counted.version + 1).changes;
    ASSERT_EQ(changes.size(), 1u) << "a deletion is one change, its cascade none";
    EXPECT_EQ(changes[0].kind, ChangeKind::business_deleted);
    EXPECT_EQ(changes[0].business_id, a.id);
    EXPECT_EQ(database->value("SELECT count(*) FROM business_metrics WHERE business_id = '" +
                              a.id.to_string() + "'"),
              "0");
}

TEST_P(StoreSuite, lists_newest_first_in_pages_and_counts_all) {
    std::vector<Business> all;
    for (int i = 0; i < 5; ++i) {
        all.push_back(create(ann, "b" + std::to_string(i),
                             i % 2 ? BusinessStatus::active : BusinessStatus::stealth_mode));
        if (i != 3) clock.advance(std::chrono::milliseconds(1));
    }
    create(bob, "other");
    std::sort(all.begin(), all.end(), [](const auto& x, const auto& y) {
        return x.created_at != y.created_at ? x.created_at > y.created_at : x.id < y.id;
    });
    BusinessQuery query;
    query.limit = 3;
    auto page = *run(store->businesses(ann.id, query));
    EXPECT_EQ(page.total, 5);
    EXPECT_EQ(page.businesses, std::vector<Business>(all.begin(), all.begin() + 3));
    query.offset = 3;
    EXPECT_EQ(run(store->businesses(ann.id, query))->businesses,
              std::vector<Business>(all.begin() + 3, all.end()));
    EXPECT_EQ(state(ann.id, std::nullopt, 2).businesses, std::vector<Business>(all.begin(), all.begin() + 2));
    EXPECT_EQ(state(ann.id, std::nullopt, 2).businesses_total, 5);
    query = {};
    query.status = BusinessStatus::active;
    EXPECT_EQ(run(store->businesses(ann.id, query))->total, 2);
}

TEST_P(StoreSuite, search_is_a_part_of_the_name_in_any_case_with_nothing_special) {
    create(ann, "ÉCOLE 100% Straße");
    create(ann, "a_b");
    create(ann, "axb");
    const std::pair<const char*, int> cases[] = {{"école", 1}, {"STRASSE", 1}, {"100%", 1}, {"%", 1},
                                                 {"_", 1},     {"A_B", 1},     {"axb", 1},  {"ecole", 0},
                                                 {"", 3},      {"'", 0}};
    for (const auto& [search, total] : cases) {
        BusinessQuery query;
        query.search = search;
        EXPECT_EQ(run(store->businesses(ann.id, query))->total, total) << search;
    }
}

TEST_P(StoreSuite, metrics_have_totals_of_all_time_and_the_days_of_the_window) {
    const auto a = create(ann, "a");
    record({event(a.id, ActivityType::view, 5, 0), event(a.id, ActivityType::click, 4, 1),
            event(a.id, ActivityType::decline, 3, 1), event(a.id, ActivityType::qfp, 2, 100)});
    const auto metrics = *run(store->metrics(ann.id, a.id, today() - std::chrono::days(89), today()));
    EXPECT_EQ(metrics.totals, (Counts{5, 4, 0, 3, 0, 2}));
    ASSERT_EQ(metrics.history.size(), 2u);
    EXPECT_EQ(metrics.history[0], (DayCounts{today(), {5, 0, 0, 0, 0, 0}}));
    EXPECT_EQ(metrics.history[1], (DayCounts{today() - std::chrono::days(1), {0, 4, 0, 3, 0, 0}}));
}

TEST_P(StoreSuite, trends_sum_over_businesses_by_day_oldest_first) {
    const auto a = create(ann, "a");
    const auto b = create(ann, "b");
    const auto other = create(bob, "c");
    record({event(a.id, ActivityType::view, 5, 0), event(b.id, ActivityType::view, 4, 0),
            event(b.id, ActivityType::invite, 3, 2), event(b.id, ActivityType::invite, 3, 9),
            event(other.id, ActivityType::view, 100, 0)});
    const auto days = *run(store->trends(ann.id, today() - std::chrono::days(6), today()));
    ASSERT_EQ(days.size(), 2u);
    EXPECT_EQ(days[0], (DayCounts{today() - std::chrono::days(2), {0, 0, 3, 0, 0, 0}}));
    EXPECT_EQ(days[1], (DayCounts{today(), {9, 0, 0, 0, 0, 0}}));
}

TEST_P(StoreSuite, a_batch_is_added_to_each_business_day_and_kind_by_itself) {
    const auto a = create(ann, "a").id;
    const auto b = create(ann, "b").id;
    for (int round = 0; round < 2; ++round) {
        record({event(a, ActivityType::view, 1), event(a, ActivityType::click, 2),
                event(a, ActivityType::invite, 3), event(a, ActivityType::decline, 4),
                event(a, ActivityType::message, 5), event(a, ActivityType::qfp, 6),
                event(b, ActivityType::view, 100), event(b, ActivityType::qfp, 1000, 1)});
    }
    const auto days = *run(store->trends(ann.id, today() - std::chrono::days(1), today()));
    ASSERT_EQ(days.size(), 2u);
    EXPECT_EQ(days[0], (DayCounts{today() - std::chrono::days(1), {0, 0, 0, 0, 0, 2000}}));
    EXPECT_EQ(days[1], (DayCounts{today(), {202, 4, 6, 8, 10, 12}}));
    EXPECT_EQ(kpis(ann.id).messages, 10);
}

TEST_P(StoreSuite, an_event_counts_once_and_a_refused_one_keeps_its_id_usable) {
    const auto a = create(ann, "a");
    const auto one = event(a.id, ActivityType::view, 2);
    auto lost = event(BusinessId::random(), ActivityType::view);
    const auto first = run(store->record_activity({one, one, lost}));
    ASSERT_TRUE(first);
    EXPECT_EQ(*first, (std::vector{ActivityOutcome::accepted, ActivityOutcome::duplicate,
                                   ActivityOutcome::unknown_business}));
    lost.business_id = a.id;
    const auto second = run(store->record_activity({one, lost}));
    EXPECT_EQ(*second, (std::vector{ActivityOutcome::duplicate, ActivityOutcome::accepted}));
    EXPECT_EQ(kpis(ann.id).views, 3);
    ASSERT_TRUE(run(store->delete_business(ann, a.id)));
    EXPECT_EQ(run(store->record_activity({one}))->at(0), ActivityOutcome::duplicate)
        << "it was counted, although its business is gone";
}

// The whole batch failed with it once.
TEST_P(StoreSuite, an_event_that_a_full_counter_has_no_room_for_is_refused_alone) {
    const auto full = create(ann, "full").id;
    const auto other = create(ann, "other").id;
    record({event(full, ActivityType::view, 1)});
    const auto limit = database->largest_count();
    database->sql("UPDATE business_metrics SET views_count = " + std::to_string(limit - 10) +
                  " WHERE business_id = '" + full.to_string() + "'");
    const auto small = event(full, ActivityType::view, 4);
    auto large = event(full, ActivityType::view, 7);
    const auto outcomes = run(store->record_activity(
        {small, large, event(full, ActivityType::message, 3), event(other, ActivityType::view, 2)}));
    ASSERT_TRUE(outcomes) << outcomes.error().message;
    EXPECT_EQ(*outcomes, (std::vector{ActivityOutcome::accepted, ActivityOutcome::counter_full,
                                      ActivityOutcome::accepted, ActivityOutcome::accepted}));
    EXPECT_EQ(kpis(ann.id).views, limit - 6 + 2);
    EXPECT_EQ(kpis(ann.id).messages, 3);
    large.count = 6;  // its id stayed usable
    EXPECT_EQ(run(store->record_activity({large, small})).value(),
              (std::vector{ActivityOutcome::accepted, ActivityOutcome::duplicate}));
    EXPECT_EQ(kpis(ann.id).views, limit + 2);
}

TEST_P(StoreSuite, ids_of_events_may_hold_any_bytes) {
    const auto a = create(ann, "a");
    auto zero = event(a.id, ActivityType::view);
    zero.id = {};
    auto nearly = zero;
    nearly.id.uuid.bytes[15] = 1;
    EXPECT_EQ(
        *run(store->record_activity({zero, nearly, zero})),
        (std::vector{ActivityOutcome::accepted, ActivityOutcome::accepted, ActivityOutcome::duplicate}));
}

TEST_P(StoreSuite, a_batch_of_a_thousand_events_of_one_business_is_one_change) {
    const auto a = create(ann, "a");
    std::vector<ActivityEvent> events;
    for (int i = 0; i < 1000; ++i) events.push_back(event(a.id, ActivityType::view));
    record(events);
    EXPECT_EQ(kpis(ann.id), (TenantKpis{1, 0, 1000, 0, 2}));
    record({event(a.id, ActivityType::view)});
    EXPECT_EQ(kpis(ann.id), (TenantKpis{1, 0, 1001, 0, 3}));
}

TEST_P(StoreSuite, state_conflates_metrics_to_the_latest_of_each_business) {
    const auto a = create(ann, "a");
    const auto b = create(ann, "b");
    for (int i = 0; i < 3; ++i) {
        record({event(a.id, ActivityType::view)});
        record({event(b.id, ActivityType::view, 10)});
    }
    ASSERT_TRUE(run(store->delete_business(ann, b.id)));
    const auto seen = state(ann.id, 1);
    EXPECT_TRUE(seen.complete);
    std::vector<std::pair<Version, ChangeKind>> changes;
    for (const auto& change : seen.changes) changes.emplace_back(change.version, change.kind);
    EXPECT_EQ(changes, (std::vector<std::pair<Version, ChangeKind>>{{2, ChangeKind::business_created},
                                                                    {7, ChangeKind::metrics_updated},
                                                                    {8, ChangeKind::metrics_updated},
                                                                    {9, ChangeKind::business_deleted}}));
    ASSERT_EQ(seen.totals.size(), 1u) << "totals of what still exists";
    EXPECT_EQ(seen.totals[0].business_id, a.id);
    EXPECT_EQ(seen.totals[0].totals.views, 3);
    EXPECT_EQ(seen.kpis.version, 9u);
    EXPECT_TRUE(state(ann.id, 9).complete);
    EXPECT_TRUE(state(ann.id, 9).changes.empty());
    EXPECT_FALSE(state(ann.id, 10).complete) << "who has seen more than there is must start anew";
}

// They came newest first once, and what was left over was lost to every open dashboard.
TEST_P(StoreSuite, more_changes_than_the_limit_come_in_parts_oldest_first) {
    std::vector<Task<Result<Written<Business>>>> tasks;
    for (std::size_t i = 0; i < change_limit + 2; ++i)
        tasks.push_back(store->create_business(ann, {"b", "c", std::nullopt}));
    for (const auto& written : run_all(std::move(tasks))) ASSERT_TRUE(written);
    const auto first = state(ann.id, 0);
    EXPECT_TRUE(first.complete);
    EXPECT_TRUE(first.more);
    ASSERT_EQ(first.changes.size(), change_limit);
    EXPECT_EQ(first.changes.front().version, 1u);
    EXPECT_EQ(first.changes.back().version, change_limit);
    const auto rest = state(ann.id, change_limit);
    EXPECT_TRUE(rest.complete);
    EXPECT_FALSE(rest.more);
    EXPECT_EQ(rest.changes.size(), 2u);
}

TEST_P(StoreSuite, a_write_is_told_to_the_feed_before_its_caller_is_answered) {
    Listener listener;
    store->follow(listener.callback());
    for (Version version = 1; version < 20; ++version) {
        const auto written = run(store->create_business(ann, {"b", "c", std::nullopt}));
        ASSERT_EQ(written->version, version);
        EXPECT_EQ(listener.now(ann.id), version);
    }
    store->stop();
}

TEST_P(StoreSuite, a_write_of_another_program_reaches_the_feed) {
    Listener listener;
    store->follow(listener.callback());
    const auto user = ann.id.to_string();
    ASSERT_TRUE(run(store->create_user({ann.id, ann.email, "", Role::tenant})));
    database->sql("INSERT INTO businesses (user_id, name, category) VALUES ('" + user + "', 'Plain', 'sql')");
    EXPECT_TRUE(listener.wait_for(ann.id, 1));
    const auto page = *run(store->businesses(ann.id, {0, 20, std::nullopt, "plain"}));
    ASSERT_EQ(page.businesses.size(), 1u);
    database->sql("INSERT INTO business_metrics (business_id, metric_date, views_count) VALUES ('" +
                  page.businesses[0].id.to_string() + "', '2026-01-31', 7)");
    EXPECT_TRUE(listener.wait_for(ann.id, 2));
    EXPECT_EQ(kpis(ann.id).views, 7);
    database->sql("DELETE FROM businesses WHERE user_id = '" + user + "'");
    EXPECT_TRUE(listener.wait_for(ann.id, 3));
    EXPECT_EQ(kpis(ann.id), (TenantKpis{0, 0, 0, 0, 3}));
    EXPECT_EQ(database->value("SELECT count(*) FROM business_metrics"), "0");
    store->stop();
}

TEST_P(StoreSuite, the_feed_begins_with_what_comes_after_its_start) {
    create(ann, "before");
    Listener listener;
    store->follow(listener.callback());
    create(bob, "after");
    EXPECT_EQ(listener.now(bob.id), 1u);
    EXPECT_EQ(listener.now(ann.id), 0u);
    store->stop();
}

TEST_P(StoreSuite, a_wake_up_comes_back_while_the_feed_runs) {
    EXPECT_FALSE(store->hears_changes());
    EXPECT_EQ(run(store->wake_up()).error().code, ErrorCode::unavailable);
    Listener listener;
    store->follow(listener.callback());
    EXPECT_TRUE(store->hears_changes());
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(run(store->wake_up()));
    store->stop();
    EXPECT_FALSE(store->hears_changes());
    EXPECT_EQ(run(store->wake_up()).error().code, ErrorCode::unavailable);
}

TEST_P(StoreSuite, many_writes_at_once_share_transactions_and_one_that_fails_does_not_hurt_the_others) {
    constexpr int count = 200;
    const auto a = create(ann, "a");
    const auto before = store->stats();
    std::vector<Task<Result<Written<BusinessId>>>> tasks;
    std::vector<BusinessId> ids;
    for (int i = 0; i < count; ++i) ids.push_back(create(ann, "x").id);
    for (int i = 0; i < count; ++i) {
        tasks.push_back(store->delete_business(ann, ids[std::size_t(i)]));
        tasks.push_back(store->delete_business(bob, a.id));
    }
    int good = 0;
    for (const auto& result : run_all(std::move(tasks))) good += result.has_value();
    EXPECT_EQ(good, count);
    const auto after = store->stats();
    EXPECT_EQ(after.writes - before.writes, 3u * count);
    EXPECT_LT(after.transactions - before.transactions, 2u * count) << "deletions were grouped";
    EXPECT_EQ(kpis(ann.id), (TenantKpis{1, 0, 0, 0, 1 + 2 * count}));
}

TEST_P(StoreSuite, what_was_written_is_there_after_reopening_and_migrating_again) {
    const auto a = create(ann, "a");
    record({event(a.id, ActivityType::view, 2)});
    reopen();
    EXPECT_EQ(kpis(ann.id), (TenantKpis{1, 0, 2, 0, 2}));
    EXPECT_EQ(*run(store->business(ann.id, a.id)), a);
    EXPECT_EQ(run(store->create_business(ann, {"b", "c", std::nullopt}))->version, 3u);
}

TEST_P(StoreSuite, versions_are_read_for_many_users_at_once) {
    create(ann, "a");
    create(ann, "b");
    create(bob, "c");
    const auto nobody = UserId::random();
    EXPECT_EQ(*run(store->versions({bob.id, nobody, ann.id})),
              (std::vector<std::pair<UserId, Version>>{{bob.id, 1}, {nobody, 0}, {ann.id, 2}}));
}

TEST_P(StoreSuite, ping_needs_the_schema) {
    EXPECT_TRUE(run(store->ping()));
    auto empty = GetParam()();
    auto bare = empty->open(clock);
    ASSERT_TRUE(bare);
    EXPECT_FALSE(run((*bare)->ping()));
}

TEST_P(StoreSuite, calls_after_stop_fail_with_unavailable) {
    store->stop();
    EXPECT_EQ(run(store->tenant_kpis(ann.id)).error().code, ErrorCode::unavailable);
    EXPECT_EQ(run(store->delete_business(ann, BusinessId::random())).error().code, ErrorCode::unavailable);
    store->stop();
}

TEST_P(StoreSuite, a_caller_whose_loop_has_stopped_is_no_trouble) {
    std::vector<Result<Written<Business>>> results;
    auto loop = std::make_unique<boost::asio::io_context>();
    for (int i = 0; i < 20; ++i) {
        boost::asio::co_spawn(*loop, collect(store->create_business(ann, {"b", "c", std::nullopt}), results),
                              [](std::exception_ptr) {});
    }
    loop->poll_one();
    loop->stop();
    store->stop();
    loop.reset();
    EXPECT_TRUE(results.empty());
}

}  // namespace pulse::store

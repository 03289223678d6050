#pragma once
// What every Store must keep of sign-ins; as StoreSuite, its tests are in session_suite_test.cpp.
#include "store/store_suite.hpp"

namespace pulse::store {
inline TokenHash hash_of(std::uint8_t fill) {
    TokenHash made;
    made.fill(fill);
    made[7] = 0;  // bytes, not text
    return made;
}

class SessionSuite : public StoreSuite {
protected:
    void SetUp() override {
        StoreSuite::SetUp();
        user = *run(store->create_user({UserId::random(), "Ann@example.org", "hash", Role::landlord}));
    }
    SessionId begin(std::uint8_t token) {
        const auto id = SessionId::random();
        const auto now = clock.wall_now();
        EXPECT_TRUE(run(store->sessions().create_session({id, user.id, hash_of(token), now,
                                                          now + std::chrono::minutes(15),
                                                          now + std::chrono::hours(720)})));
        return id;
    }
    Rotation rotation(SessionId id, std::uint8_t used, std::uint8_t next) {
        const auto now = clock.wall_now();
        return {id,
                hash_of(used),
                hash_of(next),
                now,
                now,
                std::chrono::milliseconds(0),
                now + std::chrono::minutes(15),
                now + std::chrono::hours(720)};
    }
    Rotated::Outcome rotate(SessionId id, std::uint8_t used, std::uint8_t next) {
        const auto rotated = run(store->sessions().rotate_session(rotation(id, used, next)));
        EXPECT_TRUE(rotated) << rotated.error().message;
        clock.advance(std::chrono::milliseconds(10));
        return rotated->outcome;
    }
    bool revoked(SessionId id) { return run(store->sessions().session(id))->revoked; }

    User user;
};

}  // namespace pulse::store

#include "store/types.hpp"

#include <gtest/gtest.h>

namespace pulse::store {
namespace {

TEST(StoreTypes, roles_and_statuses_are_read_as_they_are_written_and_nothing_else) {
    for (const auto role : {Role::tenant, Role::landlord, Role::broker, Role::service})
        EXPECT_EQ(parse_role(to_string(role)), role);
    for (const auto status :
         {BusinessStatus::active, BusinessStatus::pending_verification, BusinessStatus::stealth_mode})
        EXPECT_EQ(parse_status(to_string(status)), status);
    for (const auto* text : {"", "Tenant", "admin", "tenant "}) EXPECT_FALSE(parse_role(text)) << text;
    for (const auto* text : {"", "ACTIVE", "deleted"}) EXPECT_FALSE(parse_status(text)) << text;
}

}  // namespace
}  // namespace pulse::store

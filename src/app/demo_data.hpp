#pragma once
// The demo's tenant: 25 businesses with 90 days of plausible history.
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/task.hpp"
#include "store/store.hpp"

namespace pulse::app {

struct DemoTenant {
    UserId id;
    std::string email;
    std::string password;  // new each time
    std::string password_hash;
};

DemoTenant make_demo_tenant();  // hashes a password: not on a shard
// Creates the tenant's account, businesses and history; returns the businesses. Runs on a shard.
Task<Result<std::vector<BusinessId>>> fill_with_demo_data(store::Store& store, DemoTenant tenant,
                                                          WallTime now);

}  // namespace pulse::app

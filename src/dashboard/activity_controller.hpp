#pragma once
// POST /api/activity: the write path for what landlords do (contract section 4). Outlives the router it
// adds to. What is recorded reaches caches and dashboards through the store's change feed.
#include "base/clock.hpp"
#include "http/router.hpp"
#include "store/store.hpp"

namespace pulse::dashboard {

class ActivityController {
public:
    ActivityController(store::Store& store, const Clock& clock);  // both outlive it
    void add_routes(http::Router& router);

private:
    Task<net::Response> record(http::Context& context);

    store::Store& store_;
    const Clock& clock_;
};

}  // namespace pulse::dashboard

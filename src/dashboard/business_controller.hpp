#pragma once
// /api/businesses (contract section 4). Outlives the router it adds to.
#include "base/clock.hpp"
#include "dashboard/kpi_service.hpp"
#include "http/router.hpp"
#include "store/store.hpp"

namespace pulse::dashboard {

class BusinessController {
public:
    BusinessController(store::Store& store, KpiService& kpis, const Clock& clock);  // all outlive it
    void add_routes(http::Router& router);

private:
    Task<net::Response> list(http::Context& context);
    Task<net::Response> create(http::Context& context);
    Task<net::Response> show(http::Context& context);
    Task<net::Response> update(http::Context& context);
    Task<net::Response> remove(http::Context& context);
    Task<net::Response> metrics(http::Context& context);

    store::Store& store_;
    KpiService& kpis_;
    const Clock& clock_;
};

}  // namespace pulse::dashboard

#pragma once
// GET /api/dashboard/tenant, …/kpis and …/trends (contract section 4). Outlives the router it adds to.
#include "base/clock.hpp"
#include "dashboard/kpi_service.hpp"
#include "http/router.hpp"
#include "store/store.hpp"

namespace pulse::dashboard {

class DashboardController {
public:
    DashboardController(store::Store& store, KpiService& kpis, const Clock& clock);  // all outlive it
    void add_routes(http::Router& router);

private:
    std::optional<net::Response> cached_kpis(http::Context& context);
    Task<net::Response> kpis(http::Context& context);
    Task<net::Response> overview(http::Context& context);
    Task<net::Response> trends(http::Context& context);

    store::Store& store_;
    KpiService& kpis_;
    const Clock& clock_;
};

}  // namespace pulse::dashboard

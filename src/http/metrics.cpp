#include "http/metrics.hpp"

#include <algorithm>

namespace pulse::http {

std::size_t Metrics::add_route(std::string method, std::string pattern) {
    auto& made = series_.emplace_back();
    made.method = std::move(method);
    made.route = std::move(pattern);
    return series_.size() - 1;
}

void Metrics::count(std::size_t route, unsigned status, Duration took) {
    auto& series = series_[route];
    const auto known = std::lower_bound(statuses.begin(), statuses.end(), status);
    const auto which = known != statuses.end() && *known == status ? known : statuses.end();
    series.by_status[std::size_t(which - statuses.begin())].fetch_add(1, std::memory_order_relaxed);
    const auto bucket = std::lower_bound(bounds.begin(), bounds.end(), took) - bounds.begin();
    series.buckets[std::size_t(bucket)].fetch_add(1, std::memory_order_relaxed);
    series.sum_ns.fetch_add(std::chrono::nanoseconds(took).count(), std::memory_order_relaxed);
}

std::vector<Metrics::Snapshot> Metrics::snapshot() const {
    std::vector<Snapshot> all;
    for (const auto& series : series_) {
        auto& one = all.emplace_back();
        one.method = series.method;
        one.route = series.route;
        for (std::size_t i = 0; i < series.by_status.size(); ++i)
            if (const auto count = series.by_status[i].load(std::memory_order_relaxed))
                one.by_status.emplace_back(i < statuses.size() ? statuses[i] : 0, count);
        for (std::size_t i = 0; i < series.buckets.size(); ++i) {
            one.buckets[i] = series.buckets[i].load(std::memory_order_relaxed);
            one.count += one.buckets[i];
        }
        one.sum_seconds = double(series.sum_ns.load(std::memory_order_relaxed)) / 1e9;
    }
    return all;
}

}  // namespace pulse::http

#include "http/cors.hpp"

#include <algorithm>
#include <boost/algorithm/string/case_conv.hpp>

namespace pulse::http {

Cors::Cors(std::vector<std::string> origins) : origins_(std::move(origins)) {
    for (auto& origin : origins_) {
        // Browsers send an origin in lower case and without a path.
        boost::algorithm::to_lower(origin);
        while (origin.ends_with('/')) origin.pop_back();
    }
}

bool Cors::allows(std::string_view origin) const {
    return std::find(origins_.begin(), origins_.end(), origin) != origins_.end();
}

void Cors::mark(const net::Request& request, net::Response& answer) const {
    answer.set("Vary", "Origin");
    const auto origin = request.headers.find("origin");
    if (!origin || !allows(*origin)) return;
    answer.set("Access-Control-Allow-Origin", std::string(*origin));
    answer.set("Access-Control-Allow-Credentials", "true");
    answer.set("Access-Control-Expose-Headers", "Retry-After");
}

net::Response Cors::options(const net::Request& request, std::string_view methods) const {
    net::Response answer;
    answer.status = 204;
    answer.set("Allow", std::string(methods));
    const auto origin = request.headers.find("origin");
    if (!origin || !allows(*origin) || !request.headers.find("access-control-request-method")) return answer;
    answer.set("Access-Control-Allow-Methods", std::string(methods));
    answer.set("Access-Control-Allow-Headers", "Authorization, Content-Type");
    answer.set("Access-Control-Max-Age", "600");
    return answer;
}

}  // namespace pulse::http

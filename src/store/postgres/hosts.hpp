#pragma once
// libpq passes a host that never answers only when the operating system gives up on it, after minutes, unless
// every wait is its own (PQconnectdb with connect_timeout, which blocks). So a connection string that names
// several hosts becomes one attempt for each, and who connects gives each its deadline.
#include <string>
#include <utility>
#include <vector>

namespace pulse::store::postgres {

// Keywords of libpq and their values, none of them empty.
using ConnectionParameters = std::vector<std::pair<std::string, std::string>>;

// In the order in which to try them, at least one. `defaults` hold where `url` says nothing, `demands`
// always. target_session_attrs=prefer-standby: all hosts as standbys first, then all as they are. Throws
// std::invalid_argument, with nothing of the url in it, when it is none.
std::vector<ConnectionParameters> attempts_of(const std::string& url, const ConnectionParameters& defaults,
                                              const ConnectionParameters& demands);

}  // namespace pulse::store::postgres

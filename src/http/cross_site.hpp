#pragma once
// Requests that another site's page made a browser send, with our cookies (CSRF). Pure.
#include <string_view>

#include "http/cors.hpp"
#include "net/http_message.hpp"

namespace pulse::http {

// Whether a request that would change something must be refused: it is authenticated by cookie, or would set
// one, and comes from a page that is neither ours nor of FRONTEND_URL. Browsers say where it comes from in
// Sec-Fetch-Site (Fetch Metadata) or, before that existed, in Origin; who sends neither is no browser.
bool is_cross_site_write(const net::Request& request, const Cors& allowed);

}  // namespace pulse::http

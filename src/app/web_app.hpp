#pragma once
// The web app as routes: its files, with cache rules and the policy of what the page may do; index.html
// answers
// "/" and every navigation to an address of the app's own. Any thread once made.
#include <optional>
#include <string>

#include "http/router.hpp"

namespace pulse::app {

// Whom the sign-in page offers to sign in as; the demo's.
struct DemoAccount {
    std::string email;
    std::string password;
};

class WebApp {
public:
    explicit WebApp(const std::optional<DemoAccount>& demo);
    // The routes refer to this object.
    void add_routes(http::Router& router) const;

private:
    std::string index_;  // of the demo; empty: as it was built in
};

}  // namespace pulse::app

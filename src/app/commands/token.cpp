#include "app/commands/token.hpp"

#include <ostream>

#include "app/exit_code.hpp"
#include "app/masking.hpp"
#include "auth/token.hpp"

namespace pulse::app {

int print_token(const Settings& settings, const TokenOptions& options, WallTime now, std::ostream& out,
                std::ostream& err) {
    const auto user = UserId::parse(options.user);
    const auto ttl = parse_ttl(options.ttl);
    if (!user) {
        err << "pulseboard: --user must be a UUID, is " << in_quotes(options.user) << '\n';
    } else if (!ttl) {
        err << "pulseboard: --ttl must be a time such as 90s, 15m, 12h or 7d, is " << in_quotes(options.ttl)
            << '\n';
    } else if (settings.jwt_secret.empty()) {
        err << "pulseboard: JWT_SECRET is missing: a token is signed with the secret that serve checks it "
               "with\n";
    } else {
        out << auth::sign_token(settings.jwt_secret, *user, options.email, options.role, now, *ttl) << '\n';
        return exit_done;
    }
    return exit_wrong_usage;
}

}  // namespace pulse::app

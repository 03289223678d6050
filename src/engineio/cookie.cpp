#include "engineio/cookie.hpp"

namespace pulse::engineio {

std::string set_cookie(const Cookie& cookie, std::string_view sid) {
    std::string text = cookie.name;
    text.append("=").append(sid);
    if (cookie.max_age) text += "; Max-Age=" + std::to_string(cookie.max_age->count());
    if (!cookie.domain.empty()) text += "; Domain=" + cookie.domain;
    if (!cookie.path.empty()) text += "; Path=" + cookie.path;
    if (cookie.http_only) text += "; HttpOnly";
    if (cookie.secure) text += "; Secure";
    switch (cookie.same_site) {
        case Cookie::SameSite::lax:
            return text += "; SameSite=Lax";
        case Cookie::SameSite::strict:
            return text += "; SameSite=Strict";
        case Cookie::SameSite::none:
            return text += "; SameSite=None";
        case Cookie::SameSite::unset:
            break;
    }
    return text;
}

}  // namespace pulse::engineio

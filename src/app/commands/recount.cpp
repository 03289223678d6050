#include "app/commands/recount.hpp"

#include <ostream>

#include "app/exit_code.hpp"
#include "app/open_store.hpp"

namespace pulse::app {
namespace {

void print(const store::KpiDifference& difference, std::ostream& out) {
    const auto& kept = difference.kept;
    const auto& counted = difference.counted;
    out << difference.user.to_string();
    const auto pair = [&out](const char* name, std::int64_t was, std::int64_t is) {
        if (was != is) out << ' ' << name << ' ' << was << " instead of " << is;
    };
    pair("active_businesses", kept.active_businesses, counted.active_businesses);
    pair("invites", kept.invites, counted.invites);
    pair("views", kept.views, counted.views);
    pair("messages", kept.messages, counted.messages);
    const bool same = kept.active_businesses == counted.active_businesses &&
                      kept.invites == counted.invites && kept.views == counted.views &&
                      kept.messages == counted.messages;
    if (same) out << " sums of single days or businesses";
    if (kept.version != counted.version) out << ", corrected in version " << counted.version;
    out << '\n';
}

}  // namespace

int recount(const Settings& settings, store::Recount what, std::ostream& out, std::ostream& err) {
    const auto store = open_store_for_command(settings);
    if (!store) {
        err << "pulseboard: DATABASE_URL: " << store.error().message << '\n';
        return store.error().code == ErrorCode::invalid ? exit_wrong_usage : exit_failed;
    }
    const auto found = (*store)->recount(what);
    (*store)->stop();
    if (!found) {
        err << "pulseboard: " << found.error().message << '\n';
        return exit_failed;
    }
    for (const auto& difference : *found) print(difference, out);
    if (found->empty() || what == store::Recount::fix) return exit_done;
    err << "pulseboard: the sums of " << found->size() << (found->size() == 1 ? " tenant" : " tenants")
        << " are wrong; pulseboard recount --fix corrects them\n";
    return exit_failed;
}

}  // namespace pulse::app

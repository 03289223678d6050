#include "socketio/cluster/pending_requests.hpp"

#include <iterator>

namespace pulse::socketio::cluster {
namespace {

template <class... Ts>
struct Overloaded : Ts... {
    using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

void finish(Pending& pending, bool complete) {
    std::visit(Overloaded{
                   [](OwnCommand& command) { command.carry_out(); },
                   [&](FetchingSockets& fetching) {
                       fetching.gathered.complete = complete;
                       fetching.done(std::move(fetching.gathered));
                   },
                   [&](AskingServers& asking) {
                       asking.gathered.complete = complete;
                       asking.done(std::move(asking.gathered));
                   },
                   [](AskingClients& asking) {
                       // Those who did not answer in time count as asked.
                       if (asking.answers < asking.clients) {
                           asking.acks->unanswered(asking.clients - asking.answers);
                       }
                       asking.acks->counted(asking.clients);
                   },
               },
               pending);
}

bool is_complete(const Pending& pending) {
    return std::visit(Overloaded{
                          [](const OwnCommand&) { return false; },
                          [](const FetchingSockets& fetching) { return fetching.nodes == 0; },
                          [](const AskingServers& asking) { return asking.nodes == 0; },
                          [](const AskingClients& asking) {
                              return asking.nodes && asking.nodes_counted >= *asking.nodes &&
                                     asking.answers >= asking.clients;
                          },
                      },
                      pending);
}

}  // namespace

void PendingRequests::add(std::string id, TimePoint deadline, Pending pending) {
    std::optional<Entry> before;
    if (const auto found = pending_.find(id); found != pending_.end()) before = take(found);
    deadlines_.emplace(deadline, id);
    pending_.emplace(std::move(id), Entry{deadline, std::move(pending)});
    if (before) finish(before->what, false);
}

void PendingRequests::came_back(const std::string& id) {
    const auto found = pending_.find(id);
    if (found == pending_.end() || !std::holds_alternative<OwnCommand>(found->second.what)) return;
    Entry own = take(found);
    finish(own.what, true);
}

void PendingRequests::expect_nodes(const std::string& id, std::size_t nodes) {
    const auto found = pending_.find(id);
    if (found == pending_.end()) return;
    if (auto* asking = std::get_if<AskingClients>(&found->second.what)) {
        asking->nodes = nodes;
        finish_if_complete(found);
    }
}

void PendingRequests::answer(Response response) {
    const auto found = pending_.find(response.request_id);
    if (found == pending_.end()) return;
    Pending& pending = found->second.what;
    std::visit(Overloaded{
                   [&](SocketsAnswer& answer) {
                       auto* fetching = std::get_if<FetchingSockets>(&pending);
                       if (!fetching) return;
                       auto& sockets = fetching->gathered.sockets;
                       sockets.insert(sockets.end(), std::make_move_iterator(answer.sockets.begin()),
                                      std::make_move_iterator(answer.sockets.end()));
                       --fetching->nodes;
                   },
                   [&](ServerSideAnswer& answer) {
                       auto* asking = std::get_if<AskingServers>(&pending);
                       if (!asking) return;
                       asking->gathered.answers.push_back(std::move(answer.value));
                       --asking->nodes;
                   },
                   [&](ClientCount& count) {
                       auto* asking = std::get_if<AskingClients>(&pending);
                       if (!asking) return;
                       ++asking->nodes_counted;
                       asking->clients += count.clients;
                   },
                   [&](ClientAnswer& answer) {
                       auto* asking = std::get_if<AskingClients>(&pending);
                       if (!asking) return;
                       ++asking->answers;
                       asking->acks->answered(std::move(answer.args));
                   },
               },
               response.what);
    finish_if_complete(found);
}

std::size_t PendingRequests::expire(TimePoint now) {
    std::size_t incomplete = 0;
    while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
        Entry overdue = take(pending_.find(deadlines_.begin()->second));
        if (!std::holds_alternative<OwnCommand>(overdue.what)) ++incomplete;
        finish(overdue.what, false);
    }
    return incomplete;
}

void PendingRequests::expire_all() { expire(TimePoint::max()); }

TimePoint PendingRequests::next_deadline() const {
    return deadlines_.empty() ? TimePoint::max() : deadlines_.begin()->first;
}

PendingRequests::Entry PendingRequests::take(Entries::iterator found) {
    deadlines_.erase({found->second.deadline, found->first});
    Entry entry = std::move(found->second);
    pending_.erase(found);
    return entry;
}

void PendingRequests::finish_if_complete(Entries::iterator found) {
    if (!is_complete(found->second.what)) return;
    Entry entry = take(found);
    finish(entry.what, true);
}

}  // namespace pulse::socketio::cluster

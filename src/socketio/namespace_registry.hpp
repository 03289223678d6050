#pragma once
// The namespaces of a server: those named before traffic, and those made for clients whose wish matches a
// pattern. Any thread, once traffic has started.
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "socketio/namespace_impl.hpp"

namespace pulse::socketio {

class NamespaceRegistry : public std::enable_shared_from_this<NamespaceRegistry> {
public:
    explicit NamespaceRegistry(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

    // Before traffic.
    NamespaceImpl& of(std::string_view name);
    void add_pattern(NamePredicate matches, ConfigureNamespace configure);

    std::shared_ptr<NamespaceImpl> find(std::string_view name) const;
    std::vector<std::string> names() const;

    // For a client's CONNECT. A dynamic namespace is there while one of these pointers to it is.
    enum class Refusal { none, unknown, too_many };
    struct Found {
        std::shared_ptr<NamespaceImpl> nsp;
        Refusal refusal = Refusal::none;
    };
    Found enter(std::string_view name, const boost::json::object& auth);

private:
    struct Pattern {
        NamePredicate matches;
        ConfigureNamespace configure;
    };
    using Kept = std::multimap<TimePoint, std::string>;
    struct Child {
        std::shared_ptr<NamespaceImpl> nsp;
        std::weak_ptr<NamespaceImpl> users;  // what enter() gave away
        Kept::iterator kept;                 // end(): it was not left empty
    };
    using Children = std::map<std::string, Child, std::less<>>;

    std::shared_ptr<NamespaceImpl> use(Children::value_type& child);
    std::shared_ptr<NamespaceImpl> enter_present(std::string_view name);
    void emptied(const std::string& name);
    // Takes those out that nobody uses and whose time is over, to be destroyed without the lock.
    std::vector<std::shared_ptr<NamespaceImpl>> take_overdue();

    const std::shared_ptr<Shared> shared_;
    std::map<std::string, std::shared_ptr<NamespaceImpl>, std::less<>> named_;
    std::vector<Pattern> patterns_;
    std::mutex making_;  // one at a time, for `configure` runs without the other lock
    mutable std::mutex mutex_;
    Children children_;
    Kept kept_;  // until when; some are in use again
};

// What Server::numbers() tells.
Numbers numbers_of(Shared& shared, const NamespaceRegistry& namespaces, const engineio::Server& engine);

}  // namespace pulse::socketio

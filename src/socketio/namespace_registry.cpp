#include "socketio/namespace_registry.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace pulse::socketio {

NamespaceImpl& NamespaceRegistry::of(std::string_view name) {
    auto found = named_.find(name);
    if (found == named_.end()) {
        const std::string key(name);
        found = named_.emplace(key, std::make_shared<NamespaceImpl>(key, shared_)).first;
    }
    return *found->second;
}

void NamespaceRegistry::add_pattern(NamePredicate matches, ConfigureNamespace configure) {
    patterns_.push_back({std::move(matches), std::move(configure)});
}

std::shared_ptr<NamespaceImpl> NamespaceRegistry::find(std::string_view name) const {
    if (const auto found = named_.find(name); found != named_.end()) return found->second;
    const std::lock_guard lock(mutex_);
    const auto found = children_.find(name);
    return found == children_.end() ? nullptr : found->second.nsp;
}

std::vector<std::string> NamespaceRegistry::names() const {
    std::vector<std::string> names;
    for (const auto& [name, nsp] : named_) names.push_back(name);
    const std::lock_guard lock(mutex_);
    for (const auto& [name, child] : children_) names.push_back(name);
    return names;
}

NamespaceRegistry::Found NamespaceRegistry::enter(std::string_view name, const boost::json::object& auth) {
    if (const auto found = named_.find(name); found != named_.end()) return {found->second};
    if (patterns_.empty()) return {nullptr, Refusal::unknown};
    if (auto present = enter_present(name)) return {std::move(present)};
    const Pattern* pattern = nullptr;
    try {
        const auto found = std::find_if(patterns_.begin(), patterns_.end(),
                                        [&](const Pattern& one) { return one.matches(name, auth); });
        if (found != patterns_.end()) pattern = &*found;
    } catch (const std::exception& error) {
        log::error("socket.io: a namespace predicate threw: {}", error.what());
    }
    if (!pattern) return {nullptr, Refusal::unknown};

    const std::lock_guard making(making_);
    if (auto present = enter_present(name)) return {std::move(present)};
    std::vector<std::shared_ptr<NamespaceImpl>> overdue;
    {
        const std::lock_guard lock(mutex_);
        overdue = take_overdue();
        if (children_.size() >= shared_->options.max_dynamic_namespaces) {
            return {nullptr, Refusal::too_many};
        }
    }
    const auto made = std::make_shared<NamespaceImpl>(std::string(name), shared_);
    try {
        pattern->configure(*made);
    } catch (const std::exception& error) {
        log::error("socket.io: preparing the namespace {} threw: {}", name, error.what());
        return {nullptr, Refusal::unknown};
    }
    const std::lock_guard lock(mutex_);
    return {use(*children_.emplace(std::string(name), Child{made, {}, kept_.end()}).first)};
}

std::shared_ptr<NamespaceImpl> NamespaceRegistry::enter_present(std::string_view name) {
    const std::lock_guard lock(mutex_);
    const auto found = children_.find(name);
    return found == children_.end() ? nullptr : use(*found);
}

std::shared_ptr<NamespaceImpl> NamespaceRegistry::use(Children::value_type& child) {
    if (auto users = child.second.users.lock()) return users;
    // A pointer of its own, whose count says how many sockets there are; the last one tells.
    const std::shared_ptr<NamespaceImpl> users(
        child.second.nsp.get(), [registry = weak_from_this(), held = child.second.nsp](NamespaceImpl* nsp) {
            if (const auto alive = registry.lock()) alive->emptied(nsp->name());
        });
    child.second.users = users;
    return users;
}

void NamespaceRegistry::emptied(const std::string& name) {
    std::vector<std::shared_ptr<NamespaceImpl>> overdue;  // outlives the lock
    const std::lock_guard lock(mutex_);
    const auto found = children_.find(name);
    if (found == children_.end()) return;
    Child& child = found->second;
    if (child.kept != kept_.end()) kept_.erase(child.kept);
    child.kept = kept_.emplace(shared_->shards[0].clock().now() + child.nsp->kept_when_empty(), name);
    overdue = take_overdue();
}

std::vector<std::shared_ptr<NamespaceImpl>> NamespaceRegistry::take_overdue() {
    std::vector<std::shared_ptr<NamespaceImpl>> overdue;
    const TimePoint now = shared_->shards[0].clock().now();
    while (!kept_.empty() && kept_.begin()->first <= now) {
        const auto child = children_.find(kept_.begin()->second);
        kept_.erase(kept_.begin());
        child->second.kept = kept_.end();
        if (!child->second.users.expired()) continue;
        overdue.push_back(std::move(child->second.nsp));
        children_.erase(child);
    }
    return overdue;
}

}  // namespace pulse::socketio

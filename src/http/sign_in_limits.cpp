#include "http/sign_in_limits.hpp"

#include <algorithm>

namespace pulse::http {
namespace {

using namespace std::chrono_literals;

constexpr TokenBucket::Rate per_account{12s, 5};
constexpr TokenBucket::Rate per_address{3s, 20};

// Addresses of accounts are compared as the database does it: without regard to case.
std::string account_key(std::string_view email) {
    std::string key(email);
    for (auto& c : key)
        if (c >= 'A' && c <= 'Z') c = char(c + 32);
    return key;
}

std::string address_key(std::string_view address) {
    const auto subscriber = subscriber_of(address);
    return subscriber ? std::string(subscriber->begin(), subscriber->end()) : std::string();
}

std::optional<Duration> wait_of(const std::unordered_map<std::string, TokenBucket>& buckets,
                                const std::string& key, TimePoint now, const TokenBucket::Rate& rate) {
    const auto found = buckets.find(key);
    return found == buckets.end() ? std::nullopt : found->second.wait(now, rate);
}

}  // namespace

std::optional<Duration> SignInLimits::wait(std::string_view account, std::string_view address,
                                           TimePoint now) const {
    const std::lock_guard lock(mutex_);
    const auto for_account = wait_of(accounts_, account_key(account), now, per_account);
    const auto for_address = wait_of(addresses_, address_key(address), now, per_address);
    return std::max(for_account, for_address);
}

std::optional<Duration> SignInLimits::take(std::string_view account, std::string_view address,
                                           TimePoint now) {
    if (auto refused = wait(account, address, now)) return refused;
    const std::lock_guard lock(mutex_);
    auto& of_account = bucket(accounts_, account_key(account), now);
    if (auto refused = of_account.take(now, per_account)) return refused;
    auto refused = bucket(addresses_, address_key(address), now).take(now, per_address);
    if (refused) of_account.give_back(per_account);
    return refused;
}

void SignInLimits::succeeded(std::string_view account, std::string_view address) {
    const std::lock_guard lock(mutex_);
    accounts_.erase(account_key(account));
    if (const auto found = addresses_.find(address_key(address)); found != addresses_.end())
        found->second.give_back(per_address);
}

// A full bucket is as good as none. If none is full, somebody is forgotten: better than to turn people away.
TokenBucket& SignInLimits::bucket(Buckets& buckets, std::string key, TimePoint now) const {
    if (const auto found = buckets.find(key); found != buckets.end()) return found->second;
    if (buckets.size() >= capacity_) {
        std::erase_if(buckets, [now](const auto& entry) { return entry.second.full(now); });
        if (buckets.size() >= capacity_) buckets.erase(buckets.begin());
    }
    return buckets[std::move(key)];
}

}  // namespace pulse::http

#include "engineio/address_counts.hpp"

namespace pulse::engineio {

bool AddressCounts::enter(const std::string& address, std::size_t most) {
    Stripe& stripe = stripe_of(address);
    const std::lock_guard lock(stripe.mutex);
    const auto entry = stripe.counts.try_emplace(address, 0).first;
    if (entry->second < most) {
        ++entry->second;
        return true;
    }
    if (entry->second == 0) stripe.counts.erase(entry);
    return false;
}

void AddressCounts::leave(const std::string& address) {
    Stripe& stripe = stripe_of(address);
    const std::lock_guard lock(stripe.mutex);
    const auto entry = stripe.counts.find(address);
    if (entry != stripe.counts.end() && --entry->second == 0) stripe.counts.erase(entry);
}

}  // namespace pulse::engineio

#pragma once
// How often a password may be wrong (contract section 2, RATE_LIMIT): five times a minute for an account,
// twenty times for an address. An attempt is taken before the password is looked at and given back if it was
// right: so what comes at once cannot pass together. Accounts count whether they exist or not. Bounded; any
// thread; time is passed in.
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "http/rate_limit.hpp"

namespace pulse::http {

class SignInLimits {
public:
    explicit SignInLimits(std::size_t capacity = 65'536) : capacity_(capacity) {}

    // How long until the next attempt may be made; nullopt: at once.
    std::optional<Duration> wait(std::string_view account, std::string_view address, TimePoint now) const;
    // The same, and takes the attempt.
    std::optional<Duration> take(std::string_view account, std::string_view address, TimePoint now);
    // The password of an attempt that was taken was right: the account's failures are forgotten.
    void succeeded(std::string_view account, std::string_view address);

private:
    using Buckets = std::unordered_map<std::string, TokenBucket>;
    TokenBucket& bucket(Buckets& buckets, std::string key, TimePoint now) const;

    const std::size_t capacity_;
    mutable std::mutex mutex_;
    Buckets accounts_;
    Buckets addresses_;
};

}  // namespace pulse::http

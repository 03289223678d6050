#pragma once
// What is said first on a connection, and what Redis's answers to it mean. Pure; any thread.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "redis/command.hpp"
#include "redis/reply.hpp"
#include "redis/url.hpp"

namespace pulse::redis {

enum class LoginStep { auth, name, select, ping };

struct Login {
    std::vector<LoginStep> steps;  // one reply each, in this order
    std::string bytes;
};

Login login_to(const Target& target, std::string_view name);

// Why the connection is of no use after this reply, with the remedy where there is one; nullopt: go on.
std::optional<std::string> problem_with(LoginStep step, const Reply& reply, const Target& target);

}  // namespace pulse::redis

#pragma once
// `pulseboard user add`. Returns the exit code.
#include <iosfwd>
#include <string_view>

#include "app/command_line.hpp"
#include "store/store.hpp"

namespace pulse::app {

inline constexpr std::size_t shortest_password = 10;   // code points
inline constexpr std::size_t longest_password = 1024;  // bytes: hashing reads them all

// Something before one '@' and a host after it: enough to catch a slip. Whether mail arrives there only
// mail can tell.
bool is_address(std::string_view text);
// nullopt: good. Else what is wrong with it, to be read after "the password".
std::optional<std::string_view> password_problem(std::string_view password);

// Stores the user and prints the id on `out`. `in` is where --password-stdin reads its line. Role, address
// and password are checked before the store is called for.
using OpenStore = Result<std::unique_ptr<store::Store>> (*)(const Settings& settings);
int add_user(const Settings& settings, const UserOptions& options, OpenStore open, std::istream& in,
             std::ostream& out, std::ostream& err);

}  // namespace pulse::app

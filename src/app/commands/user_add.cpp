#include "app/commands/user_add.hpp"

#include <algorithm>
#include <istream>
#include <memory>
#include <ostream>

#include "app/commands/ask_password.hpp"
#include "app/commands/run_task.hpp"
#include "app/exit_code.hpp"
#include "app/masking.hpp"
#include "auth/password.hpp"

namespace pulse::app {
namespace {

std::size_t code_points(std::string_view utf8) {
    return std::size_t(std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

// One line; what a Windows file ends it with is not part of the password.
Result<std::string> read_password(std::istream& in) {
    std::string line;
    if (!std::getline(in, line)) return Error{ErrorCode::invalid, "no password on standard input"};
    if (line.ends_with('\r')) line.pop_back();
    return line;
}

int refuse(std::ostream& err, const std::string& message, int code = exit_wrong_usage) {
    err << "pulseboard: " << message << '\n';
    return code;
}

Result<store::User> create(store::Store& store, const Settings& settings, store::User user) {
    if (settings.auto_migrate) {
        if (const auto migrated = store.migrate(); !migrated) return migrated.error();
    }
    boost::asio::io_context context;
    auto created = run_task(context, store.create_user(std::move(user)));
    store.stop();
    return created;
}

}  // namespace

bool is_address(std::string_view text) {
    constexpr std::size_t longest = 254;  // RFC 5321, 4.5.3.1.3, without the angle brackets
    const auto at = text.find('@');
    if (text.size() > longest || at == 0 || at == text.npos || text.find('@', at + 1) != text.npos)
        return false;
    const auto host = text.substr(at + 1);
    if (host.empty() || host.front() == '.' || host.back() == '.' || host.find("..") != host.npos)
        return false;
    return std::all_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte > 0x20 && byte != 0x7F && c != ',' && c != ';' && c != '<' && c != '>' && c != '"';
    });
}

std::optional<std::string_view> password_problem(std::string_view password) {
    if (code_points(password) < shortest_password) return "must have at least 10 characters";
    if (password.size() > longest_password) return "must have at most 1024 bytes";
    return std::nullopt;
}

int add_user(const Settings& settings, const UserOptions& options, OpenStore open, std::istream& in,
             std::ostream& out, std::ostream& err) {
    const auto role = store::parse_role(options.role);
    if (!role) {
        return refuse(
            err, "--role must be one of tenant, landlord, broker, service, is " + in_quotes(options.role));
    }
    if (!is_address(options.email)) {
        return refuse(err,
                      "--email must be an address such as anna@example.org, is " + in_quotes(options.email));
    }
    const auto password =
        options.password_from == PasswordFrom::terminal ? ask_password() : read_password(in);
    if (!password) return refuse(err, password.error().message);
    if (const auto problem = password_problem(*password)) {
        return refuse(err, "the password " + std::string(*problem));
    }

    const auto store = open(settings);
    if (!store) {
        const auto code = store.error().code == ErrorCode::invalid ? exit_wrong_usage : exit_failed;
        return refuse(err, "DATABASE_URL: " + store.error().message, code);
    }
    const auto created =
        create(**store, settings, {UserId::random(), options.email, auth::hash_password(*password), *role});
    if (!created) {
        const bool exists = created.error().code == ErrorCode::conflict;
        return refuse(err,
                      exists ? "the address " + options.email + " exists already" : created.error().message,
                      exit_failed);
    }
    out << created->id.to_string() << '\n';
    return exit_done;
}

}  // namespace pulse::app

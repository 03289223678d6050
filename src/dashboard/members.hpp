#pragma once
// Reads the members of a JSON object one by one and collects everything that is wrong with them, so that a
// client hears of all its mistakes at once. Lives while one body is read.
#include <boost/json/object.hpp>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "dashboard/text_rules.hpp"

namespace pulse::dashboard {

class Members {
public:
    explicit Members(const boost::json::object& object) : object_(object) {}

    // Every member not named here is an error.
    void allow_only(std::initializer_list<std::string_view> names);
    // An error if it is not there; what the readers below do not say of themselves.
    void require(std::string_view name);
    bool has(std::string_view name) const { return object_.contains(name); }
    bool is_null(std::string_view name) const;

    // nullopt: not there, or wrong, which is then in the errors.
    std::optional<std::string_view> text(std::string_view name);
    std::optional<bool> flag(std::string_view name);
    std::optional<std::int64_t> integer(std::string_view name, std::int64_t least, std::int64_t most);

    void wrong(std::string_view name, std::string message);
    // Takes the value of a check, or notes what it says is wrong.
    template <class T>
    std::optional<T> accept(std::string_view name, Result<T, Wrong> checked) {
        if (checked) return std::move(*checked);
        wrong(name, checked.error().message);
        return std::nullopt;
    }

    bool good() const { return errors_.empty(); }
    Error error() const { return {ErrorCode::invalid, "Validation failed", errors_}; }

private:
    const boost::json::object& object_;
    std::vector<FieldError> errors_;
};

// A JSON number without a fraction, as JavaScript has no other kind: 3 and 3.0 are the same.
std::optional<std::int64_t> whole_number(const boost::json::value& value);

}  // namespace pulse::dashboard

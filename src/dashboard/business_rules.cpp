#include "dashboard/business_rules.hpp"

#include <spdlog/fmt/fmt.h>

#include <charconv>

#include "dashboard/members.hpp"
#include "dashboard/text_rules.hpp"
#include "net/http_message.hpp"

namespace pulse::dashboard {
namespace {

using store::BusinessStatus;

constexpr std::size_t longest_name = 255;
constexpr std::size_t longest_category = 100;
constexpr std::size_t longest_url = 500;
constexpr std::int64_t last_page = 1'000'000'000;

std::optional<std::string> read_text(Members& body, std::string_view name, std::size_t most) {
    const auto text = body.text(name);
    return text ? body.accept(name, checked_text(*text, 1, most)) : std::nullopt;
}

Result<BusinessStatus, Wrong> checked_status(std::string_view text) {
    if (const auto status = store::parse_status(text)) return *status;
    return Wrong{"must be active, pending_verification or stealth_mode"};
}

std::optional<BusinessStatus> read_status(Members& body) {
    const auto text = body.text("status");
    return text ? body.accept("status", checked_status(*text)) : std::nullopt;
}

// Outer nullopt: not given, or wrong. Inner: null, which clears it.
std::optional<std::optional<std::string>> read_logo(Members& body) {
    if (body.is_null("logo_url")) return std::optional<std::string>();
    const auto text = body.text("logo_url");
    if (!text) return std::nullopt;
    auto url = body.accept("logo_url", checked_url(*text, longest_url));
    if (!url) return std::nullopt;
    return url;
}

Result<std::int64_t, Wrong> checked_number(std::string_view text, std::int64_t least, std::int64_t most) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size() && number >= least && number <= most)
        return number;
    return Wrong{fmt::format("must be a whole number from {} to {}", least, most)};
}

}  // namespace

Result<store::NewBusiness> read_new_business(const boost::json::object& object) {
    Members body(object);
    body.require("name");
    body.require("category");
    auto name = read_text(body, "name", longest_name);
    auto category = read_text(body, "category", longest_category);
    auto logo = read_logo(body);
    const auto status = read_status(body);
    body.allow_only({"name", "category", "logo_url", "status"});
    if (!body.good()) return body.error();
    return store::NewBusiness{std::move(*name), std::move(*category), std::move(logo).value_or(std::nullopt),
                              status.value_or(BusinessStatus::pending_verification)};
}

Result<store::BusinessPatch> read_business_patch(const boost::json::object& object) {
    Members body(object);
    store::BusinessPatch patch;
    patch.name = read_text(body, "name", longest_name);
    patch.category = read_text(body, "category", longest_category);
    patch.logo_url = read_logo(body);
    patch.status = read_status(body);
    patch.stealth_mode_enabled = body.flag("stealth_mode_enabled");
    body.allow_only({"name", "category", "logo_url", "status", "stealth_mode_enabled"});
    if (object.empty())
        return Error{ErrorCode::invalid,
                     "At least one of name, category, logo_url, status, stealth_mode_enabled is required"};
    if (!body.good()) return body.error();
    return patch;
}

Result<PageRequest> read_page_request(std::string_view query) {
    const boost::json::object none;
    Members fields(none);  // collects what is wrong
    PageRequest request;
    if (const auto text = net::query_value(query, "page"))
        request.page = fields.accept("page", checked_number(*text, 1, last_page)).value_or(1);
    if (const auto text = net::query_value(query, "limit"))
        request.query.limit = fields.accept("limit", checked_number(*text, 1, 100)).value_or(20);
    if (const auto text = net::query_value(query, "status"); text && !text->empty())
        request.query.status = fields.accept("status", checked_status(*text));
    if (const auto text = net::query_value(query, "search"))
        request.query.search = fields.accept("search", checked_text(*text, 0, longest_name)).value_or("");
    if (!fields.good()) return fields.error();
    request.query.offset = (request.page - 1) * request.query.limit;
    return request;
}

Result<std::int64_t> read_days(std::string_view query, std::int64_t otherwise) {
    const auto text = net::query_value(query, "days");
    if (!text) return otherwise;
    const auto days = checked_number(*text, 1, 365);
    if (!days) return Error{ErrorCode::invalid, "Validation failed", {{"days", days.error().message}}};
    return *days;
}

}  // namespace pulse::dashboard

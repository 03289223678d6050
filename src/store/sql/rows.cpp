#include "store/sql/rows.hpp"

#include <utf8proc.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>
#include <charconv>
#include <chrono>

namespace pulse::store::sql {
namespace {

int number(std::string_view text, std::size_t at, std::size_t size) {
    int value = 0;
    if (at + size <= text.size()) std::from_chars(text.data() + at, text.data() + at + size, value);
    return value;
}

}  // namespace

std::string to_text(Date date) { return to_iso8601(WallTime(date)).substr(0, 10); }

Date parse_date(std::string_view text) {
    return Date(std::chrono::year_month_day(std::chrono::year(number(text, 0, 4)),
                                            std::chrono::month(unsigned(number(text, 5, 2))),
                                            std::chrono::day(unsigned(number(text, 8, 2)))));
}

WallTime parse_time(std::string_view text) {
    return WallTime(parse_date(text)) + std::chrono::hours(number(text, 11, 2)) +
           std::chrono::minutes(number(text, 14, 2)) + std::chrono::seconds(number(text, 17, 2)) +
           std::chrono::milliseconds(number(text, 20, 3));
}

std::string mend_utf8(std::string text) {
    const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
    const auto size = utf8proc_ssize_t(text.size());
    std::string mended;
    utf8proc_ssize_t good = 0;  // what stands before is sound, or was mended already
    utf8proc_ssize_t at = 0;
    while (at < size) {
        utf8proc_int32_t point = 0;
        const auto step = utf8proc_iterate(bytes + at, size - at, &point);
        if (step > 0) {
            at += step;
            continue;
        }
        mended.append(text, std::size_t(good), std::size_t(at - good)).append("\xEF\xBF\xBD");
        good = ++at;
    }
    if (good == 0) return text;
    return mended.append(text, std::size_t(good));
}

std::optional<Business> parse_business(const std::string& json) {
    boost::system::error_code failure;
    const auto value = boost::json::parse(mend_utf8(json), failure);
    if (failure || !value.is_object()) return std::nullopt;
    const auto& object = value.get_object();
    const auto text = [&object](std::string_view key) {
        const auto* member = object.if_contains(key);
        return member && member->is_string()
                   ? std::string(member->get_string().c_str(), member->get_string().size())
                   : std::string();
    };
    const auto flag = [&object](std::string_view key) {
        const auto* member = object.if_contains(key);
        return member && member->is_bool() && member->get_bool();
    };
    Business business;
    business.id = to_id<BusinessId>(text("id"));
    business.user_id = to_id<UserId>(text("user_id"));
    business.name = text("name");
    if (const auto* logo = object.if_contains("logo_url"); logo && logo->is_string())
        business.logo_url = text("logo_url");
    business.category = text("category");
    business.status = parse_status(text("status")).value_or(BusinessStatus::pending_verification);
    business.is_verified = flag("is_verified");
    business.stealth_mode_enabled = flag("stealth_mode_enabled");
    business.created_at = parse_time(text("created_at"));
    business.updated_at = parse_time(text("updated_at"));
    return business;
}

std::optional<ChangeKind> parse_kind(std::string_view text) {
    if (text == "metrics_updated") return ChangeKind::metrics_updated;
    if (text == "business_created") return ChangeKind::business_created;
    if (text == "business_updated") return ChangeKind::business_updated;
    if (text == "business_deleted") return ChangeKind::business_deleted;
    return std::nullopt;
}

Business patched(Business business, const BusinessPatch& patch) {
    if (patch.name) business.name = *patch.name;
    if (patch.category) business.category = *patch.category;
    if (patch.logo_url) business.logo_url = *patch.logo_url;
    if (patch.status) business.status = *patch.status;
    if (patch.stealth_mode_enabled) business.stealth_mode_enabled = *patch.stealth_mode_enabled;
    return business;
}

}  // namespace pulse::store::sql

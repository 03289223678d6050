#include "dashboard/iso8601.hpp"

namespace pulse::dashboard {
namespace {

using namespace std::chrono;

// Reads from the front of a text and remembers whether everything was there.
class Scanner {
public:
    explicit Scanner(std::string_view text) : rest_(text) {}

    int digits(std::size_t count) {
        if (rest_.size() < count) return fail();
        int value = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (!is_digit(rest_[i])) return fail();
            value = value * 10 + (rest_[i] - '0');
        }
        rest_.remove_prefix(count);
        return value;
    }
    // The character taken, if the text goes on with one of these; else 0.
    char take(std::string_view any_of) {
        if (rest_.empty() || any_of.find(rest_.front()) == std::string_view::npos) return 0;
        const char taken = rest_.front();
        rest_.remove_prefix(1);
        return taken;
    }
    char need(std::string_view any_of) {
        const char taken = take(any_of);
        if (!taken) fail();
        return taken;
    }
    int fail() {
        good_ = false;
        rest_ = {};
        return 0;
    }
    bool at_digit() const { return !rest_.empty() && is_digit(rest_.front()); }
    bool finished() const { return good_ && rest_.empty(); }

private:
    static bool is_digit(char c) { return c >= '0' && c <= '9'; }
    std::string_view rest_;
    bool good_ = true;
};

year_month_day read_date(Scanner& in) {
    const int y = in.digits(4);
    in.need("-");
    const int m = in.digits(2);
    in.need("-");
    const int d = in.digits(2);
    const year_month_day date{year(y), month(unsigned(m)), day(unsigned(d))};
    if (!date.ok()) in.fail();
    return date;
}

milliseconds read_fraction(Scanner& in) {
    int value = 0;
    int place = 100;
    if (!in.at_digit()) in.fail();
    for (; in.at_digit(); place /= 10) value += in.digits(1) * place;
    return milliseconds(value);
}

milliseconds read_time(Scanner& in) {
    const int h = in.digits(2);
    in.need(":");
    const int m = in.digits(2);
    int s = 0;
    milliseconds fraction{0};
    if (in.take(":")) {
        s = in.digits(2);
        if (in.take(".,")) fraction = read_fraction(in);
    }
    const bool leap_second = s == 60 && m == 59;
    if (h > 23 || m > 59 || (s > 59 && !leap_second)) in.fail();
    return hours(h) + minutes(m) + seconds(s) + fraction;
}

minutes read_offset(Scanner& in) {
    const char sign = in.need("Zz+-");
    if (sign != '+' && sign != '-') return minutes(0);
    const int h = in.digits(2);
    const int m = in.take(":") || in.at_digit() ? in.digits(2) : 0;
    if (h > 23 || m > 59) in.fail();
    const auto size = hours(h) + minutes(m);
    return sign == '-' ? -size : size;
}

}  // namespace

std::optional<WallTime> parse_iso8601(std::string_view text) {
    Scanner in(text);
    const auto date = read_date(in);
    in.need("Tt");
    const auto time = read_time(in);
    const auto offset = read_offset(in);
    if (!in.finished()) return std::nullopt;
    return WallTime(sys_days(date)) + time - offset;
}

}  // namespace pulse::dashboard

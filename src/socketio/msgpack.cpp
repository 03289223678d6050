#include "socketio/msgpack.hpp"

#include <bit>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <cmath>
#include <optional>

#include "base/clock.hpp"
#include "engineio/utf8.hpp"

namespace pulse::socketio {
namespace json = boost::json;

namespace {

// Beyond these a JavaScript date is invalid or has a year of more than four digits.
constexpr std::int64_t earliest_ms = -62'167'219'200'000;  // 0000-01-01
constexpr std::int64_t latest_ms = 253'402'300'799'999;    // 9999-12-31

json::value date(std::int64_t ms) {
    if (ms < earliest_ms || ms > latest_ms) return nullptr;  // JSON.stringify(new Date(NaN))
    return json::value(json::string(to_iso8601(WallTime(std::chrono::milliseconds(ms)))));
}

// Reads one value; the first error ends everything, so it is kept here and each step looks at it.
class Reader {
public:
    Reader(std::string_view bytes, const MsgpackLimits& limits) : rest_(bytes), limits_(limits) {}

    boost::system::result<MsgpackValue, MsgpackError> read() {
        MsgpackValue result;
        attachments_ = &result.attachments;
        result.value = value(0);
        if (!error_ && !rest_.empty()) error_ = MsgpackError::trailing_bytes;
        if (error_) return *error_;
        return result;
    }

private:
    json::value fail(MsgpackError error) {
        if (!error_) error_ = error;
        return nullptr;
    }

    std::string_view take(std::uint64_t size) {
        if (error_ || size > rest_.size()) {
            fail(MsgpackError::truncated);
            return {};
        }
        const auto taken = rest_.substr(0, std::size_t(size));
        rest_.remove_prefix(std::size_t(size));
        return taken;
    }

    std::uint64_t number(unsigned bytes) {
        std::uint64_t result = 0;
        for (const char c : take(bytes)) result = result << 8 | std::uint8_t(c);
        return result;
    }

    json::value value(std::size_t depth) {
        const auto type = std::uint8_t(number(1));
        if (error_) return nullptr;
        if (type <= 0x7f) return std::int64_t(type);
        if (type >= 0xe0) return std::int64_t(std::int8_t(type));
        if (type <= 0x8f) return map(type & 0x0f, depth);
        if (type <= 0x9f) return array(type & 0x0f, depth);
        if (type <= 0xbf) return text(type & 0x1f);
        switch (type) {
            case 0xc0:
                return nullptr;
            case 0xc2:
                return false;
            case 0xc3:
                return true;
            case 0xc4:
            case 0xc5:
            case 0xc6:
                return binary(number(1u << (type - 0xc4)));
            case 0xc7:
            case 0xc8:
            case 0xc9:
                return extension(number(1u << (type - 0xc7)));
            case 0xca:
                return double(std::bit_cast<float>(std::uint32_t(number(4))));
            case 0xcb:
                return std::bit_cast<double>(number(8));
            case 0xcc:
            case 0xcd:
            case 0xce:
                return std::int64_t(number(1u << (type - 0xcc)));
            case 0xcf: {
                const std::uint64_t large = number(8);
                if (large > std::uint64_t(INT64_MAX)) return large;
                return std::int64_t(large);
            }
            case 0xd0:
                return std::int64_t(std::int8_t(number(1)));
            case 0xd1:
                return std::int64_t(std::int16_t(number(2)));
            case 0xd2:
                return std::int64_t(std::int32_t(number(4)));
            case 0xd3:
                return std::int64_t(number(8));
            case 0xd4:
            case 0xd5:
            case 0xd6:
            case 0xd7:
            case 0xd8:
                return extension(1u << (type - 0xd4));
            case 0xd9:
            case 0xda:
            case 0xdb:
                return text(number(1u << (type - 0xd9)));
            case 0xdc:
            case 0xdd:
                return array(number(type == 0xdc ? 2 : 4), depth);
            case 0xde:
            case 0xdf:
                return map(number(type == 0xde ? 2 : 4), depth);
            default:
                return fail(MsgpackError::unknown_type);
        }
    }

    json::value text(std::uint64_t size) {
        const auto bytes = take(size);
        if (!engineio::is_utf8(bytes)) return fail(MsgpackError::not_utf8);
        return json::value(json::string(bytes.data(), bytes.size()));
    }

    json::value binary(std::uint64_t size) {
        const auto bytes = take(size);
        if (error_) return nullptr;
        if (attachments_->size() >= limits_.attachments) return fail(MsgpackError::too_many_attachments);
        attachments_->emplace_back(bytes);
        return json::object{{"_placeholder", true}, {"num", attachments_->size() - 1}};
    }

    json::value array(std::uint64_t size, std::size_t depth) {
        if (depth >= limits_.depth) return fail(MsgpackError::too_deep);
        json::array items;
        for (std::uint64_t i = 0; i < size && !error_; ++i) items.push_back(value(depth + 1));
        undefined_ = false;  // that was an item: null in an array
        return items;
    }

    json::value map(std::uint64_t size, std::size_t depth) {
        if (depth >= limits_.depth) return fail(MsgpackError::too_deep);
        json::object members;
        for (std::uint64_t i = 0; i < size && !error_; ++i) {
            const json::value key = value(depth + 1);
            if (error_) return nullptr;
            if (!key.is_string()) return fail(MsgpackError::bad_key);
            undefined_ = false;
            json::value member = value(depth + 1);
            // JavaScript leaves out members that are undefined.
            if (!std::exchange(undefined_, false)) {
                members.insert_or_assign(key.get_string(), std::move(member));
            }
        }
        if (is_placeholder(members)) return fail(MsgpackError::forged_placeholder);
        return members;
    }

    json::value extension(std::uint64_t size) {
        const auto type = std::int8_t(number(1));
        if (error_) return nullptr;
        if (type == -1) return timestamp(size);
        // What notepack 2 sent before msgpack had names for these.
        if (type != 0) return fail(MsgpackError::unknown_type);
        if (size == 8) return date(std::int64_t(number(8)));
        if (size == 1 && !rest_.empty() && rest_[0] == 0) {
            take(1);
            undefined_ = true;
            return nullptr;
        }
        return binary(size);
    }

    json::value timestamp(std::uint64_t size) {
        if (size == 4) return date(std::int64_t(number(4)) * 1000);
        if (size == 8) {
            const std::uint64_t both = number(8);
            return date(std::int64_t(both & 0x3'ffff'ffff) * 1000 + std::int64_t((both >> 34) / 1'000'000));
        }
        if (size != 12) return fail(MsgpackError::unknown_type);
        const auto nanoseconds = std::int64_t(number(4));
        const auto seconds = std::int64_t(number(8));
        if (seconds < earliest_ms / 1000 || seconds > latest_ms / 1000) return nullptr;
        return date(seconds * 1000 + nanoseconds / 1'000'000);
    }

    std::string_view rest_;
    const MsgpackLimits limits_;
    std::vector<std::string>* attachments_ = nullptr;
    std::optional<MsgpackError> error_;
    bool undefined_ = false;  // what was read last
};

}  // namespace

std::string_view to_string(MsgpackError error) {
    switch (error) {
        case MsgpackError::truncated:
            return "ends too early";
        case MsgpackError::trailing_bytes:
            return "bytes after its end";
        case MsgpackError::too_deep:
            return "nested too deep";
        case MsgpackError::too_many_attachments:
            return "too many binary values";
        case MsgpackError::not_utf8:
            return "text that is not UTF-8";
        case MsgpackError::bad_key:
            return "a map with a key that is no text";
        case MsgpackError::unknown_type:
            return "unknown type";
        case MsgpackError::forged_placeholder:
            return "a map that looks like a placeholder";
    }
    return "invalid";
}

boost::system::result<MsgpackValue, MsgpackError> decode_msgpack(std::string_view bytes,
                                                                 const MsgpackLimits& limits) {
    return Reader(bytes, limits).read();
}

void MsgpackWriter::head(std::uint8_t type, std::uint64_t value, unsigned bytes) {
    out_ += char(type);
    for (unsigned i = bytes; i > 0; --i) out_ += char(value >> (8 * (i - 1)));
}

MsgpackWriter& MsgpackWriter::nil() {
    out_ += '\xc0';
    return *this;
}

MsgpackWriter& MsgpackWriter::boolean(bool value) {
    out_ += value ? '\xc3' : '\xc2';
    return *this;
}

MsgpackWriter& MsgpackWriter::integer(std::int64_t value) {
    if (value >= 0) return unsigned_integer(std::uint64_t(value));
    const auto bits = std::uint64_t(value);
    if (value >= -32) {
        out_ += char(value);
    } else if (value >= INT8_MIN) {
        head(0xd0, bits, 1);
    } else if (value >= INT16_MIN) {
        head(0xd1, bits, 2);
    } else if (value >= INT32_MIN) {
        head(0xd2, bits, 4);
    } else {
        head(0xd3, bits, 8);
    }
    return *this;
}

MsgpackWriter& MsgpackWriter::unsigned_integer(std::uint64_t value) {
    if (value <= 0x7f) {
        out_ += char(value);
    } else if (value <= UINT8_MAX) {
        head(0xcc, value, 1);
    } else if (value <= UINT16_MAX) {
        head(0xcd, value, 2);
    } else if (value <= UINT32_MAX) {
        head(0xce, value, 4);
    } else {
        head(0xcf, value, 8);
    }
    return *this;
}

MsgpackWriter& MsgpackWriter::number(double value) {
    if (!std::isfinite(value)) return nil();
    head(0xcb, std::bit_cast<std::uint64_t>(value), 8);
    return *this;
}

MsgpackWriter& MsgpackWriter::text(std::string_view value) {
    if (value.size() < 32) {
        out_ += char(0xa0 | value.size());
    } else if (value.size() <= UINT8_MAX) {
        head(0xd9, value.size(), 1);
    } else if (value.size() <= UINT16_MAX) {
        head(0xda, value.size(), 2);
    } else {
        head(0xdb, value.size(), 4);
    }
    out_ += value;
    return *this;
}

MsgpackWriter& MsgpackWriter::binary(std::string_view bytes) {
    if (bytes.size() <= UINT8_MAX) {
        head(0xc4, bytes.size(), 1);
    } else if (bytes.size() <= UINT16_MAX) {
        head(0xc5, bytes.size(), 2);
    } else {
        head(0xc6, bytes.size(), 4);
    }
    out_ += bytes;
    return *this;
}

MsgpackWriter& MsgpackWriter::array(std::size_t size) {
    if (size < 16) {
        out_ += char(0x90 | size);
    } else if (size <= UINT16_MAX) {
        head(0xdc, size, 2);
    } else {
        head(0xdd, size, 4);
    }
    return *this;
}

MsgpackWriter& MsgpackWriter::map(std::size_t size) {
    if (size < 16) {
        out_ += char(0x80 | size);
    } else if (size <= UINT16_MAX) {
        head(0xde, size, 2);
    } else {
        head(0xdf, size, 4);
    }
    return *this;
}

MsgpackWriter& MsgpackWriter::value(const json::value& value, const std::vector<std::string>& attachments) {
    switch (value.kind()) {
        case json::kind::null:
            return nil();
        case json::kind::bool_:
            return boolean(value.get_bool());
        case json::kind::int64:
            return integer(value.get_int64());
        case json::kind::uint64:
            return unsigned_integer(value.get_uint64());
        case json::kind::double_:
            return number(value.get_double());
        case json::kind::string:
            return text({value.get_string().data(), value.get_string().size()});
        case json::kind::array:
            array(value.get_array().size());
            for (const auto& item : value.get_array()) this->value(item, attachments);
            return *this;
        case json::kind::object:
            break;
    }
    if (const auto number = placeholder_number(value); number && *number < attachments.size()) {
        return binary(attachments[std::size_t(*number)]);
    }
    map(value.get_object().size());
    for (const auto& member : value.get_object()) {
        text({member.key().data(), member.key().size()});
        this->value(member.value(), attachments);
    }
    return *this;
}

}  // namespace pulse::socketio

#pragma once
// msgpack as Socket.IO's programs speak it (notepack.io): JSON's kinds plus binary. Binary values become
// attachments with a placeholder each, as everywhere in socketio; dates become the text that JSON.stringify
// makes of them. Pure; any thread. Our own rather than nlohmann-json's: its types for extensions and binary
// would need a second walk over every value, longer than what stands here.
#include <boost/json/value.hpp>
#include <boost/system/result.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "socketio/value.hpp"

namespace pulse::socketio {

enum class MsgpackError {
    truncated,
    trailing_bytes,
    too_deep,
    too_many_attachments,
    not_utf8,            // it would go into text frames, which browsers then refuse
    bad_key,             // a map's key that is no string
    unknown_type,        // a byte or an extension that none of these programs sends
    forged_placeholder,  // a map that reads like a placeholder, which only real binary may become
};
std::string_view to_string(MsgpackError error);

struct MsgpackLimits {
    std::size_t depth = 32;  // of arrays and maps within each other: what our JSON parser allows
    std::size_t attachments = 10;
};

// A value and the binary in it.
struct MsgpackValue {
    boost::json::value value;
    std::vector<std::string> attachments;
};

// One value that fills `bytes`. Memory is in proportion to their number, whatever lengths they claim.
boost::system::result<MsgpackValue, MsgpackError> decode_msgpack(std::string_view bytes,
                                                                 const MsgpackLimits& limits = {});

// Appends values. An array or a map is its head and then, by the caller, as many values or pairs.
class MsgpackWriter {
public:
    MsgpackWriter& nil();
    MsgpackWriter& boolean(bool value);
    MsgpackWriter& integer(std::int64_t value);
    MsgpackWriter& unsigned_integer(std::uint64_t value);
    MsgpackWriter& number(double value);  // nil if not finite, as in JSON
    MsgpackWriter& text(std::string_view value);
    MsgpackWriter& binary(std::string_view bytes);
    MsgpackWriter& array(std::size_t size);
    MsgpackWriter& map(std::size_t size);
    // Any JSON; placeholders of `attachments` are written as their bytes.
    MsgpackWriter& value(const boost::json::value& value, const std::vector<std::string>& attachments);

    std::string take() { return std::move(out_); }

private:
    void head(std::uint8_t type, std::uint64_t value, unsigned bytes);
    std::string out_;
};

}  // namespace pulse::socketio

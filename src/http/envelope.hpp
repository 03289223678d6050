#pragma once
// What every JSON answer is wrapped in (contract section 4), and how a body is read. Pure.
#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/http_message.hpp"

namespace pulse::http {

// {"success":true,"data":…}
net::Response success(const boost::json::object& data, unsigned status = 200);
// The same around text that is JSON already.
net::Response success_text(std::string_view data_json);

// {"success":false,"error":{"code","message","details"?}}
net::Response failure(unsigned status, std::string_view code, std::string_view message,
                      const std::vector<FieldError>& details = {});

// 429, and when to come back.
net::Response too_many(std::string_view message, Duration wait);

// The one place where an Error becomes an answer. Logs what is ours to mend; its message never leaves.
net::Response to_response(const Error& error);

// A request that never became one: the status is the server's (400, 408, 413, 431, 505).
net::Response bad_request(unsigned status, std::string_view why);

// The body as a JSON object, or the answer that refuses it: 415, INVALID_JSON or VALIDATION_ERROR.
Result<boost::json::object, net::Response> read_object(const net::Request& request);

}  // namespace pulse::http

#include "http/envelope.hpp"

#include <algorithm>
#include <boost/algorithm/string/predicate.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/log.hpp"

namespace pulse::http {

namespace json = boost::json;

namespace {

constexpr std::string_view json_type = "application/json";

net::Response json_answer(unsigned status, std::string body) {
    net::Response response;
    response.status = status;
    response.body = std::move(body);
    response.headers.reserve(8);
    response.set("Content-Type", std::string(json_type));
    return response;
}

// "application/json", with whatever parameters (RFC 9110 section 8.3.1).
bool is_json(std::string_view content_type) {
    auto type = content_type.substr(0, content_type.find(';'));
    while (type.ends_with(' ') || type.ends_with('\t')) type.remove_suffix(1);
    return boost::algorithm::iequals(type, json_type);
}

std::string_view or_else(std::string_view message, std::string_view fallback) {
    return message.empty() ? fallback : message;
}

}  // namespace

net::Response success(const json::object& data, unsigned status) {
    auto response = success_text(json::serialize(data));
    response.status = status;
    return response;
}

net::Response success_text(std::string_view data_json) {
    constexpr std::string_view head = R"({"success":true,"data":)";
    std::string body;
    body.reserve(head.size() + data_json.size() + 1);
    body.append(head).append(data_json).push_back('}');
    return json_answer(200, std::move(body));
}

net::Response failure(unsigned status, std::string_view code, std::string_view message,
                      const std::vector<FieldError>& details) {
    json::object error{{"code", code}, {"message", message}};
    if (!details.empty()) {
        json::array list;
        for (const auto& one : details)
            list.push_back(json::object{{"field", one.field}, {"message", one.message}});
        error["details"] = std::move(list);
    }
    return json_answer(status,
                       json::serialize(json::object{{"success", false}, {"error", std::move(error)}}));
}

net::Response too_many(std::string_view message, Duration wait) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
    auto refusal = failure(429, "RATE_LIMITED", message);
    refusal.set("Retry-After", std::to_string(std::max<std::int64_t>(1, seconds)));
    return refusal;
}

net::Response to_response(const Error& error) {
    switch (error.code) {
        case ErrorCode::invalid:
            return failure(400, "VALIDATION_ERROR", or_else(error.message, "The request is not valid"),
                           error.details);
        case ErrorCode::unauthorized: {
            auto response = failure(401, "UNAUTHORIZED", or_else(error.message, "Access token is required"));
            response.set("WWW-Authenticate", "Bearer");  // RFC 9110 section 11.6.1 asks for it
            return response;
        }
        case ErrorCode::forbidden:
            return failure(403, "FORBIDDEN", or_else(error.message, "Insufficient permissions"));
        case ErrorCode::not_found:
            return failure(404, "NOT_FOUND", or_else(error.message, "Not found"));
        case ErrorCode::conflict:
            return failure(409, "CONFLICT", or_else(error.message, "Already taken"));
        case ErrorCode::unavailable: {
            auto response = failure(503, "UNAVAILABLE", "The service is out of reach at the moment");
            response.set("Retry-After", "1");
            return response;
        }
        case ErrorCode::internal:
            log::error("a request failed: {}", error.message);
            break;
    }
    return failure(500, "INTERNAL_ERROR", "Something went wrong on our side");
}

net::Response bad_request(unsigned status, std::string_view why) {
    switch (status) {
        case 408:
            return failure(408, "REQUEST_TIMEOUT", "The request did not arrive in time");
        case 413:
            return failure(413, "PAYLOAD_TOO_LARGE", "The body is larger than 1 MiB");
        case 431:
            return failure(431, "HEADERS_TOO_LARGE", "The headers are larger than 16 KiB");
        case 505:
            return failure(505, "HTTP_VERSION_NOT_SUPPORTED", "HTTP/1.0 and HTTP/1.1 are spoken here");
        default:
            return failure(400, "BAD_REQUEST", or_else(why, "Malformed HTTP request"));
    }
}

Result<json::object, net::Response> read_object(const net::Request& request) {
    const auto type = request.headers.find("content-type");
    if (type ? !is_json(*type) : !request.body.empty())
        return failure(415, "UNSUPPORTED_MEDIA_TYPE",
                       "The body must be JSON (Content-Type: application/json)");
    if (request.body.empty()) return failure(400, "INVALID_JSON", "A JSON body is required");
    boost::system::error_code error;
    auto value = json::parse(request.body, error);
    if (error) return failure(400, "INVALID_JSON", "The body is not valid JSON: " + error.message());
    if (!value.is_object()) return to_response({ErrorCode::invalid, "The body must be a JSON object"});
    return std::move(value.get_object());
}

}  // namespace pulse::http

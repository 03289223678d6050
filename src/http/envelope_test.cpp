#include "http/envelope.hpp"

#include <gtest/gtest.h>

#include "http/testing.hpp"

namespace pulse::http {
namespace {

using testing::error_code;
using testing::field;

TEST(Envelope, success_wraps_data) {
    const auto response = success({{"n", 1}}, 201);
    EXPECT_EQ(response.status, 201u);
    EXPECT_EQ(response.body, R"({"success":true,"data":{"n":1}})");
    EXPECT_EQ(field(response, "Content-Type"), "application/json");
    EXPECT_EQ(success_text("7").body, R"({"success":true,"data":7})");
}

TEST(Envelope, every_error_has_its_status_and_code) {
    struct Case {
        ErrorCode code;
        unsigned status;
        const char* name;
    };
    const Case cases[] = {
        {ErrorCode::invalid, 400, "VALIDATION_ERROR"}, {ErrorCode::unauthorized, 401, "UNAUTHORIZED"},
        {ErrorCode::forbidden, 403, "FORBIDDEN"},      {ErrorCode::not_found, 404, "NOT_FOUND"},
        {ErrorCode::conflict, 409, "CONFLICT"},        {ErrorCode::unavailable, 503, "UNAVAILABLE"},
        {ErrorCode::internal, 500, "INTERNAL_ERROR"}};
    for (const auto& c : cases) {
        const auto response = to_response({c.code, "said"});
        EXPECT_EQ(response.status, c.status) << c.name;
        EXPECT_EQ(error_code(response), c.name);
    }
}

TEST(Envelope, what_broke_inside_never_leaves) {
    for (const auto code : {ErrorCode::internal, ErrorCode::unavailable})
        EXPECT_EQ(to_response({code, "/var/db: secret"}).body.find("secret"), std::string::npos);
    EXPECT_EQ(field(to_response({ErrorCode::unavailable, ""}), "Retry-After"), "1");
}

TEST(Envelope, details_name_the_fields) {
    EXPECT_EQ(to_response({ErrorCode::invalid, "Validation failed", {{"name", "is required"}}}).body,
              R"({"success":false,"error":{"code":"VALIDATION_ERROR","message":"Validation failed",)"
              R"("details":[{"field":"name","message":"is required"}]}})");
}

TEST(Envelope, requests_that_never_became_one_have_codes_too) {
    EXPECT_EQ(error_code(bad_request(400, "folded header")), "BAD_REQUEST");
    EXPECT_EQ(error_code(bad_request(408, "")), "REQUEST_TIMEOUT");
    EXPECT_EQ(error_code(bad_request(413, "")), "PAYLOAD_TOO_LARGE");
    EXPECT_EQ(error_code(bad_request(431, "")), "HEADERS_TOO_LARGE");
    EXPECT_EQ(bad_request(505, "").status, 505u);
}

TEST(Envelope, a_body_is_a_json_object_said_to_be_json) {
    struct Case {
        const char* type;  // nullptr: none
        std::string body;
        const char* code;  // empty: read
    };
    const std::string deep = std::string(10'000, '[');
    const Case cases[] = {
        {"application/json", R"({"a":1})", ""},
        {"Application/JSON ; charset=utf-8", R"( {} )", ""},
        {nullptr, "{}", "UNSUPPORTED_MEDIA_TYPE"},
        {"text/plain", "{}", "UNSUPPORTED_MEDIA_TYPE"},
        {"application/jsonp", "{}", "UNSUPPORTED_MEDIA_TYPE"},
        {"application/x-www-form-urlencoded", "", "UNSUPPORTED_MEDIA_TYPE"},
        {nullptr, "", "INVALID_JSON"},
        {"application/json", "", "INVALID_JSON"},
        {"application/json", "{", "INVALID_JSON"},
        {"application/json", "{} {}", "INVALID_JSON"},
        {"application/json", "{\"a\":\"\xff\"}", "INVALID_JSON"},
        {"application/json", R"({"a":"\ud800"})", "INVALID_JSON"},
        {"application/json", deep, "INVALID_JSON"},
        {"application/json", "[]", "VALIDATION_ERROR"},
        {"application/json", "null", "VALIDATION_ERROR"},
    };
    for (const auto& c : cases) {
        net::Request request;
        request.body = c.body;
        if (c.type) request.headers.add("content-type", c.type);
        const auto read = read_object(request);
        EXPECT_EQ(read ? "" : error_code(read.error()), c.code) << c.body.substr(0, 40);
    }
}

}  // namespace
}  // namespace pulse::http

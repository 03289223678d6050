#include "http/client.hpp"

#include <gtest/gtest.h>

namespace pulse::http {
namespace {

bool is_ours(std::string_view address) { return address.starts_with("10.") || address == "::1"; }

TEST(Client, is_the_rightmost_address_that_is_no_proxy_of_ours) {
    struct Case {
        const char* peer;
        std::vector<const char*> forwarded;
        const char* address;
    };
    const Case cases[] = {
        {"192.0.2.1", {}, "192.0.2.1"},
        {"192.0.2.1", {"198.51.100.7"}, "192.0.2.1"},  // not a proxy of ours: only claims
        {"10.0.0.1", {}, "10.0.0.1"},
        {"10.0.0.1", {"198.51.100.7"}, "198.51.100.7"},
        {"10.0.0.1", {"1.1.1.1, 198.51.100.7"}, "198.51.100.7"},
        {"10.0.0.1", {"1.1.1.1,198.51.100.7 , 10.0.0.2"}, "198.51.100.7"},
        {"10.0.0.1", {"1.1.1.1", "198.51.100.7"}, "198.51.100.7"},
        {"10.0.0.1", {"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
        {"10.0.0.1", {"198.51.100.7:4711"}, "198.51.100.7"},
        {"::1", {"[2001:db8::7]:4711"}, "2001:db8::7"},
        {"::1", {"2001:db8::7"}, "2001:db8::7"},
        {"10.0.0.1", {"198.51.100.7, unknown"}, "10.0.0.1"},
        {"10.0.0.1", {"198.51.100.7, unknown, 10.0.0.2"}, "10.0.0.2"},
        {"10.0.0.1", {""}, "10.0.0.1"},
        {"10.0.0.1", {",,["}, "10.0.0.1"},
    };
    for (const auto& c : cases) {
        net::Request request;
        request.peer = c.peer;
        for (const auto* value : c.forwarded) request.headers.add("x-forwarded-for", value);
        EXPECT_EQ(client_of(request, is_ours).address, c.address)
            << (c.forwarded.empty() ? "" : c.forwarded[0]);
    }
}

TEST(Client, is_secure_if_a_proxy_of_ours_says_so) {
    const auto secure = [](const char* peer, const char* protocol) {
        net::Request request;
        request.peer = peer;
        request.headers.add("x-forwarded-proto", protocol);
        return client_of(request, is_ours).secure;
    };
    EXPECT_TRUE(secure("10.0.0.1", "https"));
    EXPECT_TRUE(secure("10.0.0.1", "HTTPS, http"));
    EXPECT_FALSE(secure("10.0.0.1", "http"));
    EXPECT_FALSE(secure("192.0.2.1", "https"));
}

TEST(Client, nobody_is_trusted_without_a_list) {
    net::Request request;
    request.peer = "10.0.0.1";
    request.headers.add("x-forwarded-for", "192.0.2.1");
    EXPECT_EQ(client_of(request, nullptr), (Client{"10.0.0.1", false}));
}

}  // namespace
}  // namespace pulse::http

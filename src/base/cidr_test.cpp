#include "base/cidr.hpp"

#include <gtest/gtest.h>

namespace pulse {
namespace {

TEST(CidrList, contains_what_its_ranges_cover) {
    struct Case {
        std::string_view list, address;
        bool want;
    };
    const Case cases[] = {
        {"127.0.0.0/8,::1", "127.0.0.1", true},
        {"127.0.0.0/8,::1", "127.255.255.255", true},
        {"127.0.0.0/8,::1", "128.0.0.1", false},
        {"127.0.0.0/8,::1", "::1", true},
        {"127.0.0.0/8,::1", "::2", false},
        {"127.0.0.0/8", "::ffff:127.0.0.1", true},  // as a dual-stack socket reports it
        {"::ffff:10.0.0.0/104", "10.1.2.3", true},
        {"10.0.0.0/9", "10.127.0.1", true},
        {"10.0.0.0/9", "10.128.0.1", false},
        {"10.1.2.3/8", "10.200.0.1", true},  // bits beyond the prefix do not count
        {"192.0.2.7", "192.0.2.7", true},
        {"192.0.2.7", "192.0.2.8", false},
        {"2001:db8::/33", "2001:db8:7fff::1", true},
        {"2001:db8::/33", "2001:db8:8000::1", false},
        {"fe80::/10", "fe80::1%eth0", true},
        {"0.0.0.0/0", "203.0.113.9", true},
        {"0.0.0.0/0", "2001:db8::1", false},  // all of IPv4 is not all of IPv6
        {"::/0", "203.0.113.9", true},
        {"::/0", "2001:db8::1", true},
        {" 10.0.0.1 , 10.0.0.2 ", "10.0.0.2", true},
        {"", "127.0.0.1", false},
        {"::/0", "", false},
        {"::/0", "localhost", false},
        {"::/0", "1.2.3.4, 5.6.7.8", false},
    };
    for (const auto& c : cases) {
        const auto list = CidrList::parse(c.list);
        ASSERT_TRUE(list) << c.list;
        EXPECT_EQ(list->contains(c.address), c.want) << c.list << " " << c.address;
        EXPECT_EQ(CidrList::parse(list->to_string()), list) << c.list << " " << list->to_string();
    }
}

TEST(CidrList, refuses_what_is_no_list_of_ranges) {
    for (const std::string_view text :
         {"10.0.0.0/33", "::1/129", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "10.0.0", "localhost",
          "10.0.0.1,", ",", "10.0.0.1;10.0.0.2", "10.0.0.0/8/8", "::g", "10.0.0.0/99999999999"}) {
        EXPECT_FALSE(CidrList::parse(text)) << text;
    }
}

TEST(CidrList, writes_itself_as_it_is_read) {
    EXPECT_EQ(CidrList::parse("127.0.0.0/8,::1")->to_string(), "127.0.0.0/8,::1");
    EXPECT_EQ(CidrList::parse("10.1.2.3/8 , 2001:DB8::/32")->to_string(), "10.0.0.0/8,2001:db8::/32");
    EXPECT_EQ(CidrList::parse("")->to_string(), "");
}

}  // namespace
}  // namespace pulse

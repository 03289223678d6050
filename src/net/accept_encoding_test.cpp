#include "net/accept_encoding.hpp"

#include <gtest/gtest.h>

namespace pulse::net {
namespace {

TEST(AcceptEncoding, gzip_by_either_name_or_by_star_unless_its_weight_is_zero) {
    for (const char* yes : {"gzip", "GZIP", "x-gzip", "deflate, gzip", "gzip;q=0.5", "*", "br, * ; q=1",
                            "gzip ; q=0.001", "identity;q=0, gzip;q=1.0", "*;q=0, gzip"}) {
        EXPECT_TRUE(accepts_coding(yes, "gzip")) << yes;
    }
    for (const char* no : {"", "deflate", "br", "identity", "gzip;q=0", "gzip;q=0.000", "gzip; Q=0", "*;q=0",
                           "gzip;q=0, *", "*, gzip;q=0", "gzipped", ",;,", "gzip;q="}) {
        EXPECT_FALSE(accepts_coding(no, "gzip")) << no;
    }
}

TEST(AcceptEncoding, other_codings_have_one_name) {
    EXPECT_TRUE(accepts_coding("gzip, deflate, BR", "br"));
    EXPECT_TRUE(accepts_coding("gzip;q=0, *", "br"));
    EXPECT_FALSE(accepts_coding("gzip, x-br", "br"));
    EXPECT_FALSE(accepts_coding("x-gzip", "br"));
}

}  // namespace
}  // namespace pulse::net

#include "base/base64.hpp"

#include <gtest/gtest.h>

namespace pulse {
namespace {

TEST(Base64, encodes_the_vectors_of_rfc_4648_and_reads_them_back) {
    const std::pair<std::string_view, std::string_view> vectors[] = {{"", ""},
                                                                     {"f", "Zg=="},
                                                                     {"fo", "Zm8="},
                                                                     {"foo", "Zm9v"},
                                                                     {"foob", "Zm9vYg=="},
                                                                     {"fooba", "Zm9vYmE="},
                                                                     {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, coded] : vectors) {
        EXPECT_EQ(base64_encode(plain), coded);
        EXPECT_EQ(base64_decode(coded), plain) << coded;
    }
    EXPECT_EQ(base64_encode("\xfb\xff"), "+/8=");
    EXPECT_EQ(base64url_encode("\xfb\xff"), "-_8");
    EXPECT_EQ(base64url_decode("-_8"), "\xfb\xff");
}

TEST(Base64, accepts_missing_padding_and_nothing_else_odd) {
    EXPECT_EQ(base64_decode("Zg"), "f");
    for (const auto* text : {"Z", "Zg=", "Zg===", "Z g=", "Zm9v\n", "=", "-_8=", "Zg==Zg=="})
        EXPECT_FALSE(base64_decode(text)) << text;
    EXPECT_FALSE(base64url_decode("+/8"));
}

}  // namespace
}  // namespace pulse

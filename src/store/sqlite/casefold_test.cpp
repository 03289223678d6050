#include "store/sqlite/casefold.hpp"

#include <gtest/gtest.h>

namespace pulse::store::sqlite {
namespace {

TEST(Casefold, makes_texts_equal_that_differ_only_in_case_or_composition) {
    const std::pair<const char*, const char*> same[] = {{"ÉCOLE", "école"},
                                                        {"Straße", "STRASSE"},
                                                        {"ΣΊΣΥΦΟΣ", "σίσυφος"},
                                                        {"Ünï", "u\u0308NI\u0308"},
                                                        {"A-Z", "a-z"}};
    for (const auto& [a, b] : same) EXPECT_EQ(casefold(a), casefold(b)) << a;
    EXPECT_NE(casefold("é"), casefold("e"));
}

TEST(Casefold, takes_bytes_that_are_not_utf_8) {
    EXPECT_EQ(casefold("A\xff"), "a\xff");
    EXPECT_EQ(casefold(""), "");
}

}  // namespace
}  // namespace pulse::store::sqlite

#include "auth/bcrypt.hpp"

#include <gtest/gtest.h>

#include <string>

#include "auth/password.hpp"

namespace pulse::auth {
namespace {

// Published with crypt_blowfish.
constexpr std::string_view known = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

TEST(Bcrypt, accepts_the_password_of_a_published_hash_alone) {
    EXPECT_TRUE(verify_bcrypt(known, "U*U"));
    EXPECT_FALSE(verify_bcrypt(known, "U*V"));
    EXPECT_FALSE(verify_bcrypt(known, ""));
    EXPECT_TRUE(verify_bcrypt("$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK", "U*U*"));
}

TEST(Bcrypt, all_three_names_of_the_scheme_are_read) {
    for (const char name : {'a', 'b', 'y'}) {
        std::string hash(known);
        hash[2] = name;
        EXPECT_TRUE(verify_bcrypt(hash, "U*U")) << hash;
    }
}

TEST(Bcrypt, what_is_no_bcrypt_accepts_nothing) {
    const std::string good(known);
    const std::string with_name_x = "$2x" + good.substr(3);
    const std::string too_dear = "$2a$16" + good.substr(6);
    const std::string too_cheap = "$2a$03" + good.substr(6);
    const std::string no_cost = "$2a$xx" + good.substr(6);
    const std::string other_letters = good.substr(0, 59) + "!";
    for (const auto& hash : {std::string(), std::string("$2a$"), good.substr(0, 59), good + "x", with_name_x,
                             too_dear, too_cheap, no_cost, other_letters}) {
        EXPECT_FALSE(is_bcrypt(hash)) << hash;
        EXPECT_FALSE(verify_bcrypt(hash, "U*U")) << hash;
    }
}

// The hash is that of 72 letters; the Node library, too, leaves out what comes after them.
TEST(Bcrypt, a_long_password_counts_to_its_72nd_byte) {
    constexpr std::string_view of_72 = "$2b$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i";
    EXPECT_TRUE(verify_bcrypt(of_72, std::string(72, 'x')));
    EXPECT_TRUE(verify_bcrypt(of_72, std::string(600, 'x')));
    EXPECT_FALSE(verify_bcrypt(of_72, std::string(71, 'x')));
}

TEST(Bcrypt, a_password_does_not_end_at_a_nul) {
    EXPECT_FALSE(verify_bcrypt(known, std::string_view("U*U\0and more", 12)));
}

TEST(Bcrypt, a_password_hash_of_either_kind_is_verified) {
    EXPECT_TRUE(verify_password(known, "U*U"));
    EXPECT_FALSE(verify_password(known, "U*V"));
}

}  // namespace
}  // namespace pulse::auth

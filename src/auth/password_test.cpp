#include "auth/password.hpp"

#include <gtest/gtest.h>

namespace pulse::auth {
namespace {

TEST(Password, its_hash_is_argon2id_and_accepts_it_alone) {
    const auto hash = hash_password("correct horse");
    EXPECT_EQ(hash.substr(0, 31), "$argon2id$v=19$m=65536,t=2,p=1$");
    EXPECT_TRUE(verify_password(hash, "correct horse"));
    EXPECT_FALSE(verify_password(hash, "correct horsf"));
    EXPECT_FALSE(verify_password(hash, ""));
}

TEST(Password, two_hashes_of_one_password_differ) {
    EXPECT_NE(hash_password("correct horse"), hash_password("correct horse"));
}

TEST(Password, what_is_no_hash_accepts_nothing) {
    for (const std::string_view hash :
         {"", "correct horse", "$argon2id$", "$argon2id$v=19$m=65536,t=2,p=1$x$y"}) {
        EXPECT_FALSE(verify_password(hash, "correct horse")) << hash;
    }
    EXPECT_FALSE(verify_password(std::string(500, '$'), "correct horse"));
}

}  // namespace
}  // namespace pulse::auth

// What the subcommands print and return. Their way through the built program is tested in tests/.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "app/commands/check_config.hpp"
#include "app/commands/migrate.hpp"
#include "app/commands/recount.hpp"
#include "app/commands/run_task.hpp"
#include "app/commands/token.hpp"
#include "app/commands/user_add.hpp"
#include "app/open_store.hpp"
#include "auth/password.hpp"
#include "auth/token.hpp"

namespace pulse::app {
namespace {

constexpr std::string_view secret = "a secret of at least thirty-two bytes";
constexpr std::string_view user_text = "6f1c1f5e-6f0c-4a55-9a1e-0d6f0a2b3c4d";
constexpr WallTime now{std::chrono::seconds(1'800'000'000)};

struct Ran {
    int code;
    std::string out;
    std::string err;
};

Ran check(TextValues environment) {
    std::ostringstream out;
    std::ostringstream err;
    const int code = check_config(load_settings({{}, std::move(environment), {}}), out, err);
    return {code, out.str(), err.str()};
}

TEST(CheckConfig, prints_every_setting_with_secrets_masked) {
    const auto ran = check({{"JWT_SECRET", std::string(secret)}, {"PORT", "4123"}});
    EXPECT_EQ(ran.code, 0);
    EXPECT_EQ(ran.err, "");
    EXPECT_NE(ran.out.find("\nPORT=4123\n"), ran.out.npos) << ran.out;
    EXPECT_NE(ran.out.find("\nJWT_SECRET=********\n"), ran.out.npos) << ran.out;
    EXPECT_NE(ran.out.find("\nDATABASE_URL=sqlite:pulseboard.db\n"), ran.out.npos) << ran.out;
}

TEST(CheckConfig, names_each_setting_that_is_wrong) {
    const auto ran = check({{"JWT_SECRET", std::string(secret)}, {"PORT", "http"}, {"THREADS", "0"}});
    EXPECT_EQ(ran.code, 2);
    EXPECT_EQ(ran.err,
              "pulseboard: PORT must be 0 to 65535, is \"http\"\n"
              "pulseboard: THREADS must be 1 to 64, is \"0\"\n");
}

TEST(CheckConfig, a_missing_key_is_wrong_and_a_short_one_a_warning) {
    EXPECT_EQ(check({}).code, 2);
    EXPECT_TRUE(check({}).err.starts_with("pulseboard: JWT_SECRET is missing"));
    const auto weak = check({{"JWT_SECRET", "short"}});
    EXPECT_EQ(weak.code, 0);
    EXPECT_TRUE(weak.err.starts_with("pulseboard: warning: JWT_SECRET has 5 bytes")) << weak.err;
    const auto no_file = check({{"JWT_PUBLIC_KEY_FILE", "/no/such/file"}});
    EXPECT_EQ(no_file.err, "pulseboard: JWT_PUBLIC_KEY_FILE: cannot read the file \"/no/such/file\"\n");
}

Ran token(const TokenOptions& options, std::string_view key = secret) {
    auto settings = default_settings();
    settings.jwt_secret = key;
    std::ostringstream out;
    std::ostringstream err;
    const int code = print_token(settings, options, now, out, err);
    return {code, out.str(), err.str()};
}

TEST(TokenCommand, prints_a_token_that_serve_accepts) {
    const auto ran = token({std::string(user_text), "anna@example.org", "landlord", "90s"});
    EXPECT_EQ(ran.code, 0);
    EXPECT_EQ(ran.err, "");
    ASSERT_TRUE(ran.out.ends_with('\n'));
    const auto verifier = *auth::TokenVerifier::make(std::string(secret), "");
    const auto identity = verifier.verify(std::string_view(ran.out).substr(0, ran.out.size() - 1), now);
    ASSERT_TRUE(identity);
    EXPECT_EQ(identity->user_id.to_string(), user_text);
    EXPECT_EQ(identity->email, "anna@example.org");
    EXPECT_EQ(identity->role, store::Role::landlord);
    EXPECT_EQ(identity->expires_at, now + std::chrono::seconds(90));
}

TEST(TokenCommand, refuses_what_makes_no_token) {
    const std::pair<Ran, std::string_view> cases[] = {
        {token({"anna", "", "tenant", "15m"}), "pulseboard: --user must be a UUID, is \"anna\"\n"},
        {token({std::string(user_text), "", "tenant", "soon"}),
         "pulseboard: --ttl must be a time such as 90s, 15m, 12h or 7d, is \"soon\"\n"},
        {token({std::string(user_text), "", "tenant", "15m"}, ""),
         "pulseboard: JWT_SECRET is missing: a token is signed with the secret that serve checks it with\n"},
    };
    for (const auto& [ran, want] : cases) {
        EXPECT_EQ(ran.code, 2);
        EXPECT_EQ(ran.out, "");
        EXPECT_EQ(ran.err, want);
    }
}

TEST(UserAdd, catches_slips_in_an_address) {
    for (const std::string_view good : {"anna@example.org", "a+b@x", "änna@exämple.org", "a.b-c@d.e.f"}) {
        EXPECT_TRUE(is_address(good)) << good;
    }
    for (const std::string_view bad : {"", "anna", "@example.org", "anna@", "a@b@c", "a b@c", "a@b c",
                                       "a@b\n", "a@.b", "a@b.", "a@b..c", "<a@b>", "a@b,c@d"}) {
        EXPECT_FALSE(is_address(bad)) << bad;
    }
    EXPECT_FALSE(is_address(std::string(250, 'a') + "@b.org"));
}

TEST(UserAdd, counts_characters_of_a_password_not_bytes) {
    EXPECT_TRUE(password_problem("123456789"));
    EXPECT_FALSE(password_problem("1234567890"));
    EXPECT_TRUE(password_problem("äöüäöüäöü"));
    EXPECT_FALSE(password_problem("äöüäöüäöüä"));
    EXPECT_TRUE(password_problem(std::string(1025, 'x')));
}

class OnADatabase : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = (std::filesystem::temp_directory_path() / "pulse_commands_XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
        settings_ = default_settings();
        settings_.database.where = (folder_ / "pulse.db").string();
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    Ran add(std::string email, std::string role, const std::string& input) {
        std::istringstream in(input);
        std::ostringstream out;
        std::ostringstream err;
        const UserOptions options{std::move(email), std::move(role), PasswordFrom::standard_input};
        const int code = add_user(settings_, options, open_store_for_command, in, out, err);
        return {code, out.str(), err.str()};
    }

    std::filesystem::path folder_;
    Settings settings_;
};

TEST_F(OnADatabase, migrate_makes_a_schema_and_may_be_repeated) {
    for (int i = 0; i < 2; ++i) {
        std::ostringstream out;
        std::ostringstream err;
        EXPECT_EQ(migrate(settings_, Direction::up, out, err), 0) << err.str();
    }
    EXPECT_TRUE(std::filesystem::exists(settings_.database.where));
}

TEST_F(OnADatabase, migrate_fails_where_no_file_can_be) {
    settings_.database.where = (folder_ / "no" / "such" / "folder.db").string();
    std::ostringstream out;
    std::ostringstream err;
    EXPECT_NE(migrate(settings_, Direction::up, out, err), 0);
    EXPECT_TRUE(err.str().starts_with("pulseboard: ")) << err.str();
}

TEST_F(OnADatabase, migrate_down_leaves_a_database_alone_that_is_all_ours) {
    std::ostringstream out;
    std::ostringstream err;
    ASSERT_EQ(migrate(settings_, Direction::up, out, err), 0) << err.str();
    EXPECT_EQ(migrate(settings_, Direction::down, out, err), 1);
    EXPECT_NE(err.str().find("delete the file"), std::string::npos) << err.str();
}

TEST_F(OnADatabase, recount_finds_nothing_wrong_with_a_new_one) {
    std::ostringstream out;
    std::ostringstream err;
    ASSERT_EQ(migrate(settings_, Direction::up, out, err), 0) << err.str();
    out.str("");
    EXPECT_EQ(recount(settings_, store::Recount::report, out, err), 0) << err.str();
    EXPECT_EQ(out.str(), "");
}

TEST_F(OnADatabase, user_add_makes_a_user_who_can_sign_in) {
    const auto ran = add("anna@example.org", "tenant", "correct horse\r\nnot read");
    ASSERT_EQ(ran.code, 0) << ran.err;
    const auto opened = open_store_for_command(settings_);
    ASSERT_TRUE(opened);
    boost::asio::io_context context;
    const auto user = run_task(context, (*opened)->user_by_email("anna@example.org"));
    (*opened)->stop();
    ASSERT_TRUE(user);
    EXPECT_EQ(user->id.to_string() + "\n", ran.out);
    EXPECT_EQ(user->role, store::Role::tenant);
    EXPECT_TRUE(auth::verify_password(user->password_hash, "correct horse"));
}

TEST_F(OnADatabase, user_add_refuses_an_address_that_exists) {
    ASSERT_EQ(add("anna@example.org", "tenant", "correct horse\n").code, 0);
    const auto again = add("Anna@Example.org", "landlord", "correct horse\n");
    EXPECT_EQ(again.code, 1);
    EXPECT_EQ(again.out, "");
    EXPECT_EQ(again.err, "pulseboard: the address Anna@Example.org exists already\n");
}

TEST_F(OnADatabase, user_add_refuses_wrong_usage_before_it_touches_anything) {
    EXPECT_EQ(add("anna@example.org", "admin", "correct horse\n").code, 2);
    EXPECT_EQ(add("anna", "tenant", "correct horse\n").code, 2);
    EXPECT_EQ(add("anna@example.org", "tenant", "short\n").code, 2);
    EXPECT_EQ(add("anna@example.org", "tenant", "").code, 2);
    EXPECT_FALSE(std::filesystem::exists(settings_.database.where));
}

}  // namespace
}  // namespace pulse::app

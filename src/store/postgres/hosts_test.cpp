#include "store/postgres/hosts.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "store/postgres/connection.hpp"
#include "store/postgres/test_server.hpp"

namespace pulse::store::postgres {
namespace {

// "host/hostaddr/port/target_session_attrs" of each attempt.
std::vector<std::string> places(const std::string& url) {
    std::vector<std::string> all;
    for (const auto& attempt : attempts_of(url, {}, {})) {
        std::string place;
        for (const auto* name : {"host", "hostaddr", "port", "target_session_attrs"}) {
            if (!place.empty() || std::string_view(name) != "host") place += '/';
            for (const auto& [key, value] : attempt)
                if (key == name) place += value;
        }
        all.push_back(place);
    }
    return all;
}
using Places = std::vector<std::string>;

TEST(PostgresHosts, each_host_of_a_list_is_an_attempt_of_its_own) {
    EXPECT_EQ(places("postgresql://u@a/d"), (Places{"a///"}));
    EXPECT_EQ(places("postgresql://u@a:1,b:2/d?target_session_attrs=read-write"),
              (Places{"a//1/read-write", "b//2/read-write"}));
    EXPECT_EQ(places("host=a,b port=7"), (Places{"a//7/", "b//7/"}));
    EXPECT_EQ(places("host=a,b hostaddr=10.0.0.1,10.0.0.2"), (Places{"a/10.0.0.1//", "b/10.0.0.2//"}));
    EXPECT_EQ(places("hostaddr=10.0.0.1,10.0.0.2 port=1,2"), (Places{"/10.0.0.1/1/", "/10.0.0.2/2/"}));
}

TEST(PostgresHosts, a_standby_is_looked_for_on_all_hosts_before_any_other_will_do) {
    EXPECT_EQ(places("host=a,b target_session_attrs=prefer-standby"),
              (Places{"a///standby", "b///standby", "a///any", "b///any"}));
}

TEST(PostgresHosts, lists_that_do_not_match_are_left_to_libpq) {
    EXPECT_EQ(places("host=a,b,c port=1,2"), (Places{"a,b,c//1,2/"}));
}

TEST(PostgresHosts, what_the_url_says_goes_before_defaults_and_behind_demands) {
    auto attempts =
        attempts_of("host=a keepalives_idle=5 client_encoding=LATIN1",
                    {{"keepalives_idle", "10"}, {"keepalives_count", "3"}}, {{"client_encoding", "UTF8"}});
    ASSERT_EQ(attempts.size(), 1u);
    std::sort(attempts[0].begin(), attempts[0].end());
    EXPECT_EQ(attempts[0], (ConnectionParameters{{"client_encoding", "UTF8"},
                                                 {"host", "a"},
                                                 {"keepalives_count", "3"},
                                                 {"keepalives_idle", "5"}}));
}

// It completes the handshake of TCP and never says a word.
class BlackHole {
public:
    BlackHole() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
        EXPECT_EQ(listen(socket_, 8), 0);
        EXPECT_EQ(getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
        port_ = ntohs(address.sin_port);
    }
    ~BlackHole() { close(socket_); }
    BlackHole(const BlackHole&) = delete;
    BlackHole& operator=(const BlackHole&) = delete;
    std::string port() const { return std::to_string(port_); }

private:
    int socket_;
    int port_ = 0;
};

TEST(PostgresHosts, a_host_that_never_answers_is_passed_in_its_share_of_the_time) {
    const BlackHole dead;
    const auto& folder = TestServer::instance().folder();
    ConnectionSettings settings;
    settings.url =
        "host=127.0.0.1," + folder + " port=" + dead.port() + ",5432 dbname=postgres user=postgres";
    settings.connect_timeout = 2s;
    const auto begin = std::chrono::steady_clock::now();
    Connection connection(settings);
    static const Statement one{"SELECT 1"};
    EXPECT_EQ(connection.query(one).integer(0, 0), 1);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s);
}

TEST(PostgresHosts, when_none_will_do_all_are_named_with_their_reasons) {
    const BlackHole dead;
    const auto& folder = TestServer::instance().folder();
    ConnectionSettings settings;
    settings.url = "host=127.0.0.1," + folder + " port=" + dead.port() +
                   ",5432 dbname=postgres user=postgres target_session_attrs=standby";
    settings.connect_timeout = 2s;
    try {
        Connection connection(settings);
        ADD_FAILURE() << "the one is dead and the other a primary";
    } catch (const DatabaseError& failure) {
        const std::string message = failure.what();
        EXPECT_NE(message.find("127.0.0.1: no answer in time; "), std::string::npos) << message;
        EXPECT_NE(message.find("not in hot standby mode"), std::string::npos) << message;
    }
}

}  // namespace
}  // namespace pulse::store::postgres

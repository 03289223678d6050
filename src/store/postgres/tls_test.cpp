// TLS is libpq's; that a URL asks for it, and what becomes of one whose server cannot show the right
// certificate, is ours to keep. Unix sockets know no TLS, so this server listens on TCP.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "store/postgres/connection.hpp"
#include "store/postgres/test_server.hpp"

namespace pulse::store::postgres {
namespace {

// Of 127.0.0.1, free a moment ago.
int free_port() {
    const int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(listening, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(getsockname(listening, reinterpret_cast<sockaddr*>(&address), &size), 0);
    close(listening);
    return ntohs(address.sin_port);
}

// A second server in the folder of the first, with a certificate of 127.0.0.1 that it signed itself.
class PostgresTls : public testing::Test {
protected:
    PostgresTls() {
        server.run("mkdir -m 700 " + folder);
        for (const auto* name : {"right", "wrong"})
            server.run(
                "openssl req -new -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
                " -subj /CN=pulseboard -addext subjectAltName=IP:127.0.0.1 -keyout " +
                folder + "/" + name + ".key -out " + folder + "/" + name + ".crt");
        server.run(server.program("initdb") +
                   " --no-sync --auth=trust --username=postgres --encoding=UTF8 --locale=C.UTF-8 --pgdata=" +
                   folder + "/data");
        server.run("chmod 600 " + folder + "/right.key");
        server.run("sh -c \"echo 'hostssl all all 127.0.0.1/32 trust' > " + folder + "/data/pg_hba.conf\"");
        server.run(control + " --wait --timeout=60 --log=" + folder + "/log -o '-p " + port +
                   " -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c ssl=on"
                   " -c ssl_cert_file=" +
                   folder + "/right.crt -c ssl_key_file=" + folder + "/right.key' start");
    }
    ~PostgresTls() override {
        server.run(control + " --wait --mode=immediate stop");
        server.run("rm -rf " + folder);
    }
    // What connecting failed with; empty: it is connected, encrypted.
    std::string attempt(const std::string& more) {
        try {
            Connection connection({.url = "postgresql://postgres@127.0.0.1:" + port + "/postgres?" + more});
            static const Statement encrypted{"SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"};
            return connection.query(encrypted).flag(0, 0) ? "" : "it is not encrypted";
        } catch (const DatabaseError& failure) {
            return failure.what();
        }
    }

    const TestServer& server = TestServer::instance();
    const std::string folder = server.folder() + "/tls";
    const std::string control = server.program("pg_ctl") + " --pgdata=" + folder + "/data";
    const std::string port = std::to_string(free_port());
};

TEST_F(PostgresTls, the_servers_certificate_is_checked_where_the_url_asks_for_it) {
    EXPECT_EQ(attempt("sslmode=verify-full&sslrootcert=" + folder + "/right.crt"), "");
    const auto wrong = attempt("sslmode=verify-full&sslrootcert=" + folder + "/wrong.crt");
    EXPECT_NE(wrong.find("certificate verify failed"), std::string::npos) << wrong;
    const auto plain = attempt("sslmode=disable");
    EXPECT_NE(plain.find("no encryption"), std::string::npos) << plain;
    // One of several hosts is asked for the same.
    const auto url = "host=127.0.0.1,127.0.0.1 port=" + std::to_string(free_port()) + "," + port +
                     " user=postgres dbname=postgres sslmode=verify-full sslrootcert=" + folder;
    EXPECT_NO_THROW(Connection({.url = url + "/right.crt"}));
    EXPECT_THROW(Connection({.url = url + "/wrong.crt"}), DatabaseError);
}

}  // namespace
}  // namespace pulse::store::postgres

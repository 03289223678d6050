// Files sent in binary pieces, each acknowledged once it is on the disk: so a client never runs ahead, and
// one upload holds one piece in memory, however large the file. At the end the client is told its SHA-256.
//
//     file_upload --port 3000 --into /srv/uploads
//
//     const { error } = await socket.emitWithAck("begin", file.name, file.size);
//     for (let at = 0; at < file.size; at += 256 * 1024)
//         await socket.emitWithAck("piece", at, file.slice(at, at + 256 * 1024));
//     const { sha256 } = await socket.emitWithAck("finish");
#include <openssl/evp.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/describe/class.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <span>

#include "net/http_server.hpp"
#include "net/shard.hpp"
#include "socketio/event.hpp"
#include "socketio/server.hpp"
#include "socketio/standalone.hpp"

using namespace pulse;
using socketio::Bytes, socketio::Event, socketio::Reply, socketio::Socket;

namespace {

// docs: events
struct Progress {
    std::uint64_t received = 0;
    std::string error{};  // empty: all is well
};
BOOST_DESCRIBE_STRUCT(Progress, (), (received, error))
struct Stored {
    std::string sha256{};
    std::string error{};
};
BOOST_DESCRIBE_STRUCT(Stored, (), (sha256, error))

constexpr Event<Progress(std::string, std::uint64_t)> begin("begin");  // name, size
constexpr Event<Progress(std::uint64_t, Bytes)> piece("piece");        // where it belongs, what
constexpr Event<Stored()> finish("finish");
// docs end

constexpr std::uint64_t largest = std::uint64_t(1) << 32;

// A file on its way. Made by its socket's shard, written by the disk's thread.
class Upload {
public:
    Upload(std::filesystem::path part, std::uint64_t size)
        : part_(std::move(part)), size_(size), file_(part_, std::ios::binary) {
        EVP_DigestInit_ex(digest_.get(), EVP_sha256(), nullptr);
    }
    ~Upload() {  // what came in part is of no use
        std::error_code ignored;
        if (!stored_) std::filesystem::remove(part_, ignored);
    }

    // On the shard. False: it is at work, or over.
    bool engage() {
        auto expected = Phase::waiting;
        return phase_.compare_exchange_strong(expected, Phase::at_work);
    }
    bool over() const { return phase_ == Phase::over; }

    // On the disk's thread, once for each time it was engaged.
    Progress write(std::uint64_t at, const std::string& bytes) {
        Progress progress{received_};
        if (at != received_) progress.error = "out of order";
        if (bytes.size() > size_ - received_) progress.error = "more than was announced";
        if (progress.error.empty() && !file_.write(bytes.data(), std::streamsize(bytes.size())))
            progress.error = "the disk does not take it";
        if (progress.error.empty()) {
            EVP_DigestUpdate(digest_.get(), bytes.data(), bytes.size());
            progress.received = received_ += bytes.size();
        }
        phase_ = progress.error.empty() ? Phase::waiting : Phase::over;
        return progress;
    }

    // The file is found under its SHA-256 then.
    Stored finish() {
        Stored stored;
        std::error_code failed;
        if (received_ != size_) {
            stored.error = "incomplete";
        } else if (file_.close(); file_.fail()) {
            stored.error = "the disk does not take it";
        } else {
            const auto name = hex_digest();
            std::filesystem::rename(part_, part_.parent_path() / name, failed);
            stored_ = !failed;
            (stored_ ? stored.sha256 : stored.error) = stored_ ? name : failed.message();
        }
        phase_ = Phase::over;
        return stored;
    }

private:
    enum class Phase { waiting, at_work, over };

    std::string hex_digest() {
        unsigned char sum[EVP_MAX_MD_SIZE];
        unsigned length = 0;
        EVP_DigestFinal_ex(digest_.get(), sum, &length);
        std::string hex;
        for (const auto byte : std::span(sum, length)) {
            hex += "0123456789abcdef"[byte >> 4];
            hex += "0123456789abcdef"[byte & 15];
        }
        return hex;
    }

    std::atomic<Phase> phase_{Phase::waiting};
    const std::filesystem::path part_;
    const std::uint64_t size_;
    std::ofstream file_;
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest_{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
    std::uint64_t received_ = 0;
    bool stored_ = false;
};

std::shared_ptr<Upload> upload_of(Socket& socket) { return std::static_pointer_cast<Upload>(socket.data()); }

void serve(socketio::Namespace& nsp, const std::filesystem::path& into, boost::asio::thread_pool& disk) {
    nsp.on_connection([into, &disk, count = std::make_shared<std::atomic<unsigned>>(0)](Socket& socket) {
        // The client's name for its file is no part of a path.
        on(socket, begin, [&socket, into, count](const std::string&, std::uint64_t size) -> Progress {
            if (const auto earlier = upload_of(socket); earlier && !earlier->over())
                return {0, "one at a time"};
            if (size > largest) return {0, "too large"};
            const auto part = into / (socket.id() + "-" + std::to_string(++*count) + ".part");
            socket.data() = std::make_shared<Upload>(part, size);
            return {};
        });
        // docs: piece
        on(socket, piece, [&socket, &disk](std::uint64_t at, Bytes bytes, const Reply<Progress>& reply) {
            const auto upload = upload_of(socket);
            if (!upload || !upload->engage()) return reply({0, "not now"});  // one piece at a time
            boost::asio::post(disk, [upload, at, bytes = std::move(bytes), reply] {
                reply(upload->write(at, bytes.data));  // from the disk's thread: it finds its way
            });
        });
        // docs end
        on(socket, finish, [&socket, &disk](const Reply<Stored>& reply) {
            const auto upload = upload_of(socket);
            if (!upload || !upload->engage()) return reply({{}, "not now"});
            boost::asio::post(disk, [upload, reply] { reply(upload->finish()); });
        });
    });
}

}  // namespace

int main(int argc, char** argv) {
    std::map<std::string, std::string> given{{"--port", "3000"}, {"--into", "."}};
    for (int i = 1; i + 1 < argc; i += 2) given[argv[i]] = argv[i + 1];
    boost::asio::thread_pool disk(1);
    net::ShardPool shards(2, system_clock());
    socketio::Options options;
    options.engine.cors.any_origin = true;
    socketio::Server io(shards, options);
    serve(io.of("/"), given["--into"], disk);
    socketio::Standalone handler({&io.engine()});
    net::HttpServer http(shards, handler, {});
    shards.start();
    const auto port = http.listen("127.0.0.1", std::uint16_t(std::atoi(given["--port"].c_str())));
    if (port.has_error()) return std::cerr << "file_upload: " << port.error().message << '\n', 1;

    boost::asio::io_context main_loop;
    boost::asio::signal_set end(main_loop, SIGINT, SIGTERM);
    end.async_wait([](auto, int) {});
    std::cout << "listening on http://127.0.0.1:" << *port << std::endl;
    main_loop.run();
    disk.join();
    shards.stop();
}

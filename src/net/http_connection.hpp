#pragma once
// One client's connection as HTTP sees it: reads requests one after another, hands each to the handler,
// writes its answer, then reads the next. Lives on one shard; an idle one owns no buffer.
#include <boost/intrusive/list.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "net/http_message.hpp"
#include "net/http_parser.hpp"
#include "net/http_server.hpp"
#include "net/shard.hpp"
#include "net/stream.hpp"
#include "net/timers.hpp"

namespace pulse::net {

using ConnectionHook =
    boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;
using ConnectionList = boost::intrusive::list<HttpConnection, boost::intrusive::base_hook<ConnectionHook>,
                                              boost::intrusive::constant_time_size<false>>;

// What the connections of one shard share. Lives as long as the server, touched on its shard only.
struct HttpShard {
    Shard& shard;
    HttpHandler& handler;
    const HttpLimits& limits;
    const std::shared_ptr<HttpStats>& stats;  // shared with connections that left HTTP
    bool draining = false;
    ConnectionList connections{};

    bool admit();  // counts one more connection, unless that is one too many
};

// Keeps itself alive while open; Responders keep the closed rest of it. Every function is called on the
// home shard, except where it says otherwise.
class HttpConnection final : public StreamListener,
                             public std::enable_shared_from_this<HttpConnection>,
                             public AnswerCarrier,
                             public ConnectionHook {
public:
    HttpConnection(HttpShard& home, Socket socket, std::string peer);
    ~HttpConnection() override;
    void start();
    // Instead of start(): somebody else has read its one request, which asks to leave HTTP, and `received`
    // behind it.
    void start_upgrade(Request request, std::string received);

    // For Responder, any thread.
    void answer(std::uint64_t exchange, Response response) override;
    void watch_abort(std::uint64_t exchange, Shard& where, std::function<void()> aborted) override;

    // For Upgrade.
    UpgradedSocket release();
    void refuse(Response response);
    void close();

    void drain();  // closes an idle one; another answers with "Connection: close"

private:
    enum class Phase { reading, answering, writing, upgrading, lingering, closed };
    struct Abort;
    struct Output;

    void on_bytes(std::string_view bytes) override;
    void on_end() override;
    void on_writable() override;
    void on_timer();

    void join();
    void take_answer(std::uint64_t exchange, Response response);
    void hand_to_upgrade(Request request);
    void read_requests(std::string_view bytes);
    void read_kept();
    void dispatch(std::string_view rest);
    void incomplete(bool began);
    void give_up();
    void refuse_request(unsigned status, std::string_view why);
    void respond(Response response);
    void write(std::string_view head, std::string body);
    void answered();
    void linger();
    void expire_after(Duration after);
    void never_expire() { deadline_ = TimePoint::max(); }

    Shard& shard_;
    HttpShard* home_;  // nullptr once closed
    std::shared_ptr<HttpConnection> self_;
    std::shared_ptr<Stream> stream_;
    std::string peer_;
    std::string input_;                      // received and not used yet
    std::unique_ptr<RequestParser> parser_;  // while a request is incomplete
    std::unique_ptr<Output> output_;         // what the kernel did not take yet
    std::unique_ptr<Abort> abort_;           // while an answer is awaited by one who wants to know
    Timer timer_;
    TimePoint deadline_ = TimePoint::max();   // when the phase ends
    TimePoint timer_due_ = TimePoint::max();  // when timer_ looks; not later than deadline_
    std::uint64_t exchange_ = 0;
    std::uint32_t lingered_ = 0;  // bytes thrown away
    Phase phase_ = Phase::reading;
    bool in_read_requests_ = false;
    bool first_ = true;        // no request was read yet
    bool body_begun_ = false;  // the deadline is the body's
    bool peer_ended_ = false;
    bool closing_ = false;    // after the answer
    bool head_only_ = false;  // of the request being answered
    bool http_1_1_ = true;
};

}  // namespace pulse::net

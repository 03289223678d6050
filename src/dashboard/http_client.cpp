#include "dashboard/http_client.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <optional>

namespace pulse::dashboard {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace beast_http = boost::beast::http;

// Asynchronous calls run to their end one by one: Beast's deadlines work for those only.
struct HttpClient::Impl {
    std::string host;
    std::uint16_t port;
    Duration deadline;
    asio::io_context context{1};
    std::optional<beast::tcp_stream> stream;
    beast::flat_buffer buffer;

    template <class Start>
    bool finish(Start start) {
        std::optional<beast::error_code> result;
        stream->expires_after(deadline);
        start([&](beast::error_code error, auto&&...) { result = error; });
        context.restart();
        context.run();
        return result && !*result;
    }

    bool connect() {
        stream.emplace(context);
        buffer.clear();
        beast::error_code error;
        const auto address = asio::ip::make_address(host, error);
        if (error) return false;
        return finish([&](auto done) { stream->async_connect({address, port}, std::move(done)); });
    }

    std::optional<HttpReply> exchange(beast_http::request<beast_http::string_body>& request) {
        beast_http::response<beast_http::string_body> response;
        if (!finish([&](auto done) { beast_http::async_write(*stream, request, std::move(done)); }) ||
            !finish([&](auto done) { beast_http::async_read(*stream, buffer, response, std::move(done)); })) {
            stream.reset();
            return std::nullopt;
        }
        if (!response.keep_alive()) stream.reset();
        return HttpReply{response.result_int(), std::move(response.body())};
    }
};

HttpClient::HttpClient(std::string host, std::uint16_t port, Duration deadline)
    : impl_(std::make_unique<Impl>()) {
    impl_->host = std::move(host);
    impl_->port = port;
    impl_->deadline = deadline;
}

HttpClient::~HttpClient() = default;

Result<HttpReply> HttpClient::send(std::string_view method, std::string_view target, std::string_view token,
                                   std::string_view body) {
    beast_http::request<beast_http::string_body> request;
    request.method_string({method.data(), method.size()});
    request.target({target.data(), target.size()});
    request.version(11);
    request.set(beast_http::field::host, impl_->host);
    request.set(beast_http::field::authorization, "Bearer " + std::string(token));
    request.set(beast_http::field::content_type, "application/json");
    request.body() = std::string(body);
    request.prepare_payload();
    // A kept connection may have been closed meanwhile: once more on a new one. An activity event carries
    // its id, so it counts once even if both arrived; a demo business made twice does no harm.
    const bool kept = impl_->stream.has_value();
    if (kept)
        if (auto reply = impl_->exchange(request)) return *reply;
    if (impl_->connect())
        if (auto reply = impl_->exchange(request)) return *reply;
    return Error{ErrorCode::unavailable, "no answer from " + impl_->host + ":" + std::to_string(impl_->port)};
}

}  // namespace pulse::dashboard

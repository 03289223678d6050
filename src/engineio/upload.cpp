#include "engineio/upload.hpp"

#include <atomic>
#include <utility>

#include "engineio/session_host.hpp"

namespace pulse::engineio {

std::shared_ptr<SessionUpload> SessionUpload::begin(std::shared_ptr<SessionHost> host, std::string sid) {
    static std::atomic<std::uint64_t> numbers{0};
    const auto number = numbers.fetch_add(1, std::memory_order_relaxed) + 1;
    // At once if it can be: the body may be read within the same turn of the loop.
    host->home().dispatch([host, sid, number] {
        if (auto* const session = host->find(sid)) session->begin_upload(number);
    });
    return std::make_shared<SessionUpload>(std::move(host), std::move(sid), number);
}

SessionUpload::SessionUpload(std::shared_ptr<SessionHost> host, std::string sid, std::uint64_t number)
    : host_(std::move(host)), sid_(std::move(sid)), number_(number) {}

SessionUpload::~SessionUpload() {
    if (arrived_) return;
    host_->home().post([host = host_, sid = sid_, number = number_] {
        if (auto* const session = host->find(sid)) session->lose_upload(number);
    });
}

SessionUpload* upload_of(const net::Request& request) {
    return dynamic_cast<SessionUpload*>(request.upload.get());
}

}  // namespace pulse::engineio

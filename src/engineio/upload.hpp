#pragma once
// The body of a session's POST on its way. Made on the shard the request arrives at; what it has to say is
// posted to the session's, so that the session hears of an upload before it is handed the whole request.
#include <cstdint>
#include <memory>
#include <string>

#include "net/http_message.hpp"

namespace pulse::engineio {

class SessionHost;

class SessionUpload final : public net::Upload {
public:
    // Tells the session. A host that nobody owns any more has no sessions.
    static std::shared_ptr<SessionUpload> begin(std::shared_ptr<SessionHost> host, std::string sid);
    // If the session was not handed the request, it is closed.
    ~SessionUpload() override;

    std::uint64_t number() const { return number_; }
    void arrived() { arrived_ = true; }  // on the session's shard

    SessionUpload(std::shared_ptr<SessionHost> host, std::string sid, std::uint64_t number);

private:
    const std::shared_ptr<SessionHost> host_;
    const std::string sid_;
    const std::uint64_t number_;  // not 0
    bool arrived_ = false;
};

// Of a request; nullptr if its body came with its head.
SessionUpload* upload_of(const net::Request& request);

}  // namespace pulse::engineio

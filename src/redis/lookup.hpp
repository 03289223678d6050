#pragma once
// One look-up of a host's addresses, on a thread of its own: getaddrinfo() can block for as long as a dead
// name server likes, and nothing ends it. So nobody waits for the thread. It owns all that it touches, and
// may outlive the look-up, the loop and the client; whoever waits can give up, and come back to it later.
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/task.hpp"
#include "redis/options.hpp"

namespace pulse::redis {

// Lives on the loop of its executor.
class Lookup {
public:
    Lookup(Executor executor, std::string host, LookUp look_up);  // throws if it gets no thread

    // Once at a time; ends early, as if it had found nothing yet, when cancel() is called.
    Task<> wait();
    void cancel();
    // nullptr: not found yet.
    const Result<std::vector<std::string>>* found() const;

private:
    struct State;
    const std::shared_ptr<State> state_;
    boost::asio::posix::basic_stream_descriptor<Executor> end_;  // readable when there is a result
};

}  // namespace pulse::redis

#pragma once
// A command as the bytes that go over the wire (RESP: an array of bulk strings). Encoded where it is made, so
// that the shard that sends it only appends. A value; any thread.
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace pulse::redis {

using Arguments = std::initializer_list<std::string_view>;

class Command {
public:
    Command(Arguments words) : Command(std::span(words.begin(), words.size())) {}
    explicit Command(std::span<const std::string_view> words);

    const std::string& bytes() const { return bytes_; }

private:
    std::string bytes_;
};

}  // namespace pulse::redis

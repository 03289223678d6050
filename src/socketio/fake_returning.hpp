#pragma once
// For tests: what a stock client remembers between its connections, fed from what a FakeSession was sent.
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <string>
#include <vector>

#include "socketio/fake_session.hpp"

namespace pulse::socketio {

// Plays the rules of socket.io-client 4.8 for one socket of namespace "/".
struct Returning {
    std::string sid, pid, offset;
    bool recovered = false;
    std::vector<std::string> events;  // names, in the order of their coming

    void connect(FakeSession& session, boost::json::object auth = {}) {
        boost::json::object payload;
        if (!pid.empty()) payload["pid"] = pid;
        if (!offset.empty()) payload["offset"] = offset;
        for (const auto& [key, value] : auth) payload[key] = value;
        const auto text = boost::json::serialize(payload);
        session.text("0" + std::string(text));
        read(session);
    }
    void read(FakeSession& session) {
        for (const auto& packet : session.take()) {
            const auto type = packet[1];
            if (packet[0] != '4') continue;  // an attachment
            if (type == '0') {
                const auto answer = boost::json::parse(packet.substr(2)).as_object();
                const std::string now(answer.at("pid").as_string());
                recovered = now == pid;
                pid = now;
                sid = answer.at("sid").as_string();
            } else if (type == '2' || type == '5') {
                const auto array = boost::json::parse(packet.substr(packet.find('['))).as_array();
                events.emplace_back(array.front().as_string());
                if (array.size() > 1 && array.back().is_string()) offset = array.back().as_string();
            }
        }
    }
    std::vector<std::string> take() { return std::exchange(events, {}); }
};

}  // namespace pulse::socketio

#pragma once
// How the arguments of typed events (event.hpp) become JSON with attachments, and come out of it.
#include <boost/json/value_from.hpp>
#include <boost/json/value_to.hpp>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "socketio/value.hpp"

namespace pulse::socketio {

// A binary argument.
struct Bytes {
    std::string data;
    bool operator==(const Bytes&) const = default;
};

namespace detail {

template <class T>
struct Codec {
    static boost::json::value encode(Args&, const T& value) { return boost::json::value_from(value); }
    static std::optional<T> decode(const Args&, const boost::json::value& value) {
        auto read = boost::json::try_value_to<T>(value);
        if (read.has_error()) return std::nullopt;
        return std::move(*read);
    }
};

template <>
struct Codec<Bytes> {
    static boost::json::value encode(Args& args, const Bytes& value) { return args.attach(value.data); }
    static std::optional<Bytes> decode(const Args& args, const boost::json::value& value) {
        const auto bytes = args.binary(value);
        if (!bytes) return std::nullopt;
        return Bytes{std::string(*bytes)};
    }
};

template <>
struct Codec<std::vector<Bytes>> {
    static boost::json::value encode(Args& args, const std::vector<Bytes>& values) {
        boost::json::array list;
        for (const auto& one : values) list.push_back(args.attach(one.data));
        return list;
    }
    static std::optional<std::vector<Bytes>> decode(const Args& args, const boost::json::value& value) {
        if (!value.is_array()) return std::nullopt;
        std::vector<Bytes> list;
        for (const auto& item : value.get_array()) {
            auto one = Codec<Bytes>::decode(args, item);
            if (!one) return std::nullopt;
            list.push_back(std::move(*one));
        }
        return list;
    }
};

// Any of these; null and a missing argument are nullopt.
template <class T>
struct Codec<std::optional<T>> {
    static boost::json::value encode(Args& args, const std::optional<T>& value) {
        return value ? Codec<T>::encode(args, *value) : boost::json::value();
    }
    static std::optional<std::optional<T>> decode(const Args& args, const boost::json::value& value) {
        if (value.is_null()) return std::optional<T>();
        auto read = Codec<T>::decode(args, value);
        if (!read) return std::nullopt;
        return std::optional<std::optional<T>>(std::in_place, std::move(*read));
    }
};

template <class... T>
Args pack(const T&... values) {
    Args args;
    (args.json.push_back(Codec<T>::encode(args, values)), ...);
    return args;
}

// The values, each there if all are; `wrong` says which one is not what it should be.
template <class... T>
std::tuple<std::optional<T>...> unpack(const Args& args, std::string& wrong) {
    static const boost::json::value missing;
    std::size_t position = 0;
    const auto read = [&]<class One>(std::optional<One>& out) {
        const auto here = position++;
        if (!wrong.empty()) return;
        const bool there = here < args.size();
        out = Codec<One>::decode(args, there ? args[here] : missing);
        if (out) return;
        wrong = "argument " + std::to_string(here + 1) + (there ? " is of another type" : " is missing");
    };
    std::tuple<std::optional<T>...> values;
    std::apply([&](auto&... each) { (read(each), ...); }, values);
    return values;
}

}  // namespace detail

}  // namespace pulse::socketio

#pragma once
// Routes of the REST API: method and path pattern to a handler and who may call it. Built before traffic,
// then read from every shard. What happens around a handler is in api.hpp.
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/task.hpp"
#include "http/context.hpp"

namespace pulse::http {

// Who may call a route.
struct Access {
    bool signed_in = false;
    std::optional<store::Role> role;  // nullopt: any, known or not

    static Access anyone() { return {}; }
    static Access any_role() { return {true, std::nullopt}; }
    static Access only(store::Role role) { return {true, role}; }
};

// Answers at once, or says by nullopt that it takes waiting. The context is then left as it was.
using FirstTry = std::function<std::optional<net::Response>(Context&)>;
using Handler = std::function<net::Response(Context&)>;
// The context outlives the task.
using AsyncHandler = std::function<Task<net::Response>(Context&)>;

struct Route {
    std::string method;
    std::string pattern;
    Access access;
    FirstTry now;        // may be empty
    AsyncHandler later;  // empty: `now` always answers
    std::size_t index = 0;
};

class Router {
public:
    // The pattern's segments are literal, or ":name" for any one segment that is not empty. A literal path
    // wins over a pattern. GET answers HEAD too; OPTIONS is answered by the api.
    void add(std::string method, std::string pattern, Access access, Handler handler);
    void add(std::string method, std::string pattern, Access access, AsyncHandler handler);
    void add(std::string method, std::string pattern, Access access, FirstTry now, AsyncHandler later);
    // What a browser is shown that navigates to a path which no route knows: an app that has pages of its own
    // reads the address itself. Such a request is a GET that accepts text/html, for no path of the API and no
    // file (a last segment with a dot); everything else unknown stays unknown.
    void set_page(Handler handler);

    struct Match {
        const Route* route = nullptr;  // nullptr: no such path, or with `allow` no such method
        std::string_view allow;        // the path's methods: "GET, HEAD, OPTIONS"; empty: no such path
    };
    // Sets context.params; the views in the result live as long as the router.
    Match find(Context& context) const;
    const std::vector<std::unique_ptr<Route>>& routes() const { return routes_; }

private:
    struct Resource {  // one path pattern with its methods
        std::vector<std::string> segments;
        std::vector<const Route*> routes;
        std::string allow;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };

    const Route& keep(Route route);
    void add(Route route);
    Resource& resource_of(const std::string& pattern);
    const Resource* find_resource(Context& context, std::string_view path) const;

    std::vector<std::unique_ptr<Route>> routes_;
    std::unordered_map<std::string, Resource, Hash, std::equal_to<>> literal_;
    std::vector<std::unique_ptr<Resource>> patterned_;
    const Route* page_ = nullptr;
};

}  // namespace pulse::http

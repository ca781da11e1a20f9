#pragma once
// From a path to its route. What the addresses are is routes.cpp's business.

#include "base/error.h"
#include "web/route.h"

#include <string>
#include <string_view>
#include <vector>

namespace cjv::web {

class Router {
public:
    // Fails when a route has no right, no handler, or stands twice. `prefix` begins and ends with a slash.
    static Result<Router> make(std::span<const Route> routes, std::string prefix);

    struct Found {
        const Route* route = nullptr;    // null: no such path, or not by that method
        const Route* other = nullptr;    // some route of the path, where the method is another
        std::string_view value = {};     // of the path's {…}
        std::string_view root = {};      // "/" or the prefix: what an answer's links begin with
        std::string_view api_path = {};  // from "/api/" on; empty: not of the API
        bool lacks_slash = false;        // the path would be known with a slash behind it
    };
    // HEAD finds what GET finds.
    Found find(Method method, std::string_view path) const;

    // "GET, HEAD, POST" for the header Allow.
    std::string allowed(const Found& found) const;

    const std::string& prefix() const { return prefix_; }

private:
    Router(std::span<const Route> routes, std::string prefix);
    void search(Method method, std::string_view path, Found& found) const;

    std::vector<Route> routes_;  // literal ones first: they win over {…}
    std::string prefix_;
};

}  // namespace cjv::web

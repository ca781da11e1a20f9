#include "web/router.h"

#include <algorithm>

namespace cjv::web {
namespace {

// Whether `path` has the form of `pattern`; `value` is then what stands in the place of {…}.
bool matches(std::string_view pattern, std::string_view path, std::string_view& value) {
    const auto open = pattern.find('{');
    if (open == pattern.npos) return pattern == path;
    const auto close = pattern.find('}', open);
    if (!path.starts_with(pattern.substr(0, open))) return false;
    const auto rest = path.substr(open);
    const auto slash = std::min(rest.find('/'), rest.size());
    value = rest.substr(0, slash);
    return !value.empty() && rest.substr(slash) == pattern.substr(close + 1);
}

bool serves(const Route& route, Method method) {
    return route.method == method || (method == Method::head && route.method == Method::get);
}

bool is_literal(const Route& route) { return route.pattern.find('{') == std::string_view::npos; }

std::string name_of(const Route& route) {
    return std::string(to_text(route.method)) + " " + std::string(route.pattern);
}

}  // namespace

Router::Router(std::span<const Route> routes, std::string prefix) : prefix_(std::move(prefix)) {
    for (const Route& route : routes)
        if (is_literal(route)) routes_.push_back(route);
    for (const Route& route : routes)
        if (!is_literal(route)) routes_.push_back(route);
}

Result<Router> Router::make(std::span<const Route> routes, std::string prefix) {
    for (const Route& route : routes) {
        if (!route.right)
            return fail(Errc::bad_input,
                        name_of(route) + " does not say who may: it needs a right");
        if (!route.handler) return fail(Errc::bad_input, name_of(route) + " has no handler");
        const auto same = std::ranges::count_if(routes, [&](const Route& other) {
            return other.method == route.method && other.pattern == route.pattern;
        });
        if (same != 1) return fail(Errc::bad_input, name_of(route) + " stands twice in the table");
    }
    return Router(routes, std::move(prefix));
}

Router::Found Router::find(Method method, std::string_view path) const {
    constexpr std::string_view kApi = "/api/";
    Found found;
    const std::string_view below = std::string_view(prefix_).substr(0, prefix_.size() - 1);
    if (path.starts_with(kApi) || path == kApi.substr(0, 4)) {
        found.root = "/";
        found.api_path = path;
    } else if (path.starts_with(below) && (path.substr(below.size()).starts_with(kApi) ||
                                           path.substr(below.size()) == kApi.substr(0, 4))) {
        found.root = prefix_;
        found.api_path = path.substr(below.size());
    }
    search(method, found.api_path.empty() ? path : found.api_path, found);
    if (found.route || found.other || found.api_path.empty() || path.ends_with('/')) return found;

    Found with_slash;
    search(method, std::string(found.api_path) + "/", with_slash);
    found.lacks_slash = with_slash.route || with_slash.other;
    return found;
}

void Router::search(Method method, std::string_view path, Found& found) const {
    for (const Route& route : routes_) {
        std::string_view value;
        if (!matches(route.pattern, path, value)) continue;
        // {id} must not swallow a word that is a path of its own, whatever the method.
        if (found.other && found.other->pattern != route.pattern) return;
        found.other = &route;
        found.value = value;
        if (serves(route, method)) {
            found.route = &route;
            return;
        }
    }
}

std::string Router::allowed(const Found& found) const {
    std::string list;
    const auto add = [&](std::string_view name) {
        list += list.empty() ? "" : ", ";
        list += name;
    };
    for (const Route& route : routes_) {
        if (route.pattern != found.other->pattern) continue;
        add(to_text(route.method));
        if (route.method == Method::get) add("HEAD");
    }
    return list;
}

}  // namespace cjv::web

#include "web/gate.h"

#include <algorithm>

namespace cjv::web {
namespace {

std::string_view host_name(std::string_view host) {
    if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
    return host.substr(0, host.rfind(':'));
}

bool is_port(std::string_view text) {
    return text.empty() || (text.size() > 1 && text.size() <= 6 && text.front() == ':' &&
                            text.find_first_not_of("0123456789", 1) == text.npos);
}

bool holds(std::span<const std::string> list, std::string_view text) {
    return std::ranges::any_of(list,
                               [&](const auto& item) { return equal_ignoring_case(item, text); });
}

// An Origin without its scheme; browsers leave the default port out of both Origin and Host.
std::string_view authority_of(std::string_view origin) {
    const auto scheme = origin.find("://");
    return scheme == origin.npos ? std::string_view() : origin.substr(scheme + 3);
}

}  // namespace

bool is_our_host(std::string_view host, std::span<const std::string> allowed) {
    const auto name = host_name(host);
    return !name.empty() && is_port(host.substr(name.size())) && holds(allowed, name);
}

std::vector<std::string> our_hosts(std::string_view listen_host,
                                   std::span<const std::string> configured) {
    std::vector<std::string> hosts = {"localhost", "127.0.0.1", "[::1]"};
    const bool is_v6 = listen_host.find(':') != listen_host.npos;
    hosts.push_back(is_v6 ? "[" + std::string(listen_host) + "]" : std::string(listen_host));
    hosts.insert(hosts.end(), configured.begin(), configured.end());
    return hosts;
}

bool is_unsafe(Method method) {
    return method != Method::get && method != Method::head && method != Method::options;
}

bool is_cross_site(const Request& request) {
    const auto site = request.header("sec-fetch-site");
    if (!site.empty() && site != "same-origin" && site != "none") return true;
    const auto origin = request.header("origin");
    return !origin.empty() && !equal_ignoring_case(authority_of(origin), request.header("host"));
}

std::string client_address(const Request& request, std::span<const std::string> trusted_proxies) {
    if (!holds(trusted_proxies, request.peer.address)) return request.peer.address;
    std::string_view nearest = request.peer.address;
    for (auto header = request.headers.rbegin(); header != request.headers.rend(); ++header) {
        if (!equal_ignoring_case(header->name, "x-forwarded-for")) continue;
        const auto hops = split_list(header->value);
        for (auto hop = hops.rbegin(); hop != hops.rend(); ++hop) {
            nearest = *hop;
            if (!holds(trusted_proxies, nearest)) return std::string(nearest.substr(0, 45));
        }
    }
    return std::string(nearest.substr(0, 45));  // no address is longer
}

bool is_secure(const Request& request, std::span<const std::string> trusted_proxies) {
    return holds(trusted_proxies, request.peer.address) &&
           equal_ignoring_case(request.header("x-forwarded-proto"), "https");
}

bool accepts_answer(std::string_view accept, bool is_stream) {
    if (accept.empty()) return true;
    constexpr std::string_view kOurs[] = {
        "*/*",       "application/*", "application/json", "application/problem+json",
        "text/html", "text/*"};
    for (const auto item : split_list(accept)) {
        auto type = item.substr(0, item.find(';'));
        while (type.ends_with(' ')) type.remove_suffix(1);
        if (item.find("q=0") != item.npos && item.ends_with("q=0")) continue;
        if (std::ranges::any_of(kOurs, [&](auto ours) { return equal_ignoring_case(type, ours); }))
            return true;
        if (is_stream && (equal_ignoring_case(type, "text/event-stream") ||
                          equal_ignoring_case(type, "text/plain")))
            return true;
    }
    return false;
}

}  // namespace cjv::web

#include "web/gate.h"

#include <doctest/doctest.h>

namespace cjv::web {
namespace {

Request from(std::string address, std::vector<Header> headers) {
    Request request;
    request.peer.address = std::move(address);
    request.headers = std::move(headers);
    return request;
}

}  // namespace

TEST_CASE("we answer to our own names, with any port, and to no other") {
    const std::vector<std::string> configured = {"cron.example"};
    const auto hosts = our_hosts("10.0.0.5", configured);
    for (const auto ours : {"localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]:8000", "10.0.0.5",
                            "cron.example:443", "Cron.Example"}) {
        CAPTURE(ours);
        CHECK(is_our_host(ours, hosts));
    }
    for (const auto foreign :
         {"", "evil.example", "localhost.", "localhost.evil", "127.0.0.1.evil", "127.0.0.2",
          "[::2]", "::1", "a@localhost", "localhost:", "localhost:80x", "localhost:123456",
          "cron.example.", "xcron.example"}) {
        CAPTURE(foreign);
        CHECK_FALSE(is_our_host(foreign, hosts));
    }
}

TEST_CASE("a page of another site is told apart from ours and from programs") {
    const Header host{"Host", "cron.example:8000"};
    CHECK_FALSE(is_cross_site(from("a", {host})));
    CHECK_FALSE(is_cross_site(from("a", {host, {"Origin", "http://cron.example:8000"}})));
    CHECK_FALSE(is_cross_site(from("a", {host, {"Sec-Fetch-Site", "same-origin"}})));
    CHECK_FALSE(is_cross_site(from("a", {host, {"Sec-Fetch-Site", "none"}})));

    for (const auto origin :
         {"http://evil.example", "null", "http://cron.example", "http://cron.example:80",
          "http://cron.example:8000.evil", "http://x.cron.example:8000", "cron.example:8000"}) {
        CAPTURE(origin);
        CHECK(is_cross_site(from("a", {host, {"Origin", origin}})));
    }
    CHECK(is_cross_site(from("a", {host, {"Sec-Fetch-Site", "cross-site"}})));
    CHECK(is_cross_site(from("a", {host, {"Sec-Fetch-Site", "same-site"}})));
    CHECK(is_cross_site(
        from("a", {host, {"Sec-Fetch-Site", "same-origin"}, {"Origin", "http://evil.example"}})));
}

TEST_CASE(
    "a forwarded address counts from trusted proxies alone, and only the right-most stranger") {
    const std::vector<std::string> proxies = {"10.0.0.1", "10.0.0.2"};
    const Header forwarded{"X-Forwarded-For", "1.1.1.1, 2.2.2.2, 10.0.0.2"};
    CHECK(client_address(from("9.9.9.9", {forwarded}), proxies) == "9.9.9.9");
    CHECK(client_address(from("10.0.0.1", {forwarded}), proxies) == "2.2.2.2");
    CHECK(client_address(from("10.0.0.1", {}), proxies) == "10.0.0.1");
    CHECK(is_secure(from("10.0.0.1", {{"X-Forwarded-Proto", "https"}}), proxies));
    CHECK_FALSE(is_secure(from("9.9.9.9", {{"X-Forwarded-Proto", "https"}}), proxies));
}

TEST_CASE("JSON answers every Accept that can mean it") {
    for (const auto accept :
         {"", "*/*", "application/json", "text/html,application/xhtml+xml,*/*;q=0.8",
          "application/problem+json", "Application/JSON; charset=utf-8"}) {
        CAPTURE(accept);
        CHECK(accepts_answer(accept, false));
    }
    CHECK_FALSE(accepts_answer("image/png", false));
    CHECK_FALSE(accepts_answer("application/json;q=0", false));
    CHECK_FALSE(accepts_answer("text/event-stream", false));
    CHECK(accepts_answer("text/event-stream", true));
}

}  // namespace cjv::web

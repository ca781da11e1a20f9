#include "web/router.h"

#include <doctest/doctest.h>

namespace cjv::web {
namespace {

using domain::Right;

Response nothing(const Request&, Context&) { return {}; }

const Route kTable[] = {
    {Method::get, "/api/jobs/", Right::view, Served::inline_, nothing},
    {Method::post, "/api/jobs/", Right::change, Served::changing, nothing},
    {Method::get, "/api/jobs/{id}/", Right::view, Served::inline_, nothing},
    {Method::post, "/api/jobs/{id}/run/", Right::change, Served::changing, nothing},
    {Method::get, "/api/jobs/statistics/", Right::view, Served::inline_, nothing},
    {Method::get, "/livez", Right::anyone, Served::inline_, nothing},
};

Router a_router() { return *Router::make(kTable, "/tools/cron/"); }

std::string_view pattern_of(const Router::Found& found) {
    return found.route ? found.route->pattern : "(none)";
}

}  // namespace

TEST_CASE("a path finds its route below /api/ or below the prefix, and its value") {
    const Router router = a_router();
    const auto plain = router.find(Method::get, "/api/jobs/7/");
    CHECK(pattern_of(plain) == "/api/jobs/{id}/");
    CHECK(plain.value == "7");
    CHECK(plain.root == "/");

    const auto prefixed = router.find(Method::post, "/tools/cron/api/jobs/7/run/");
    CHECK(pattern_of(prefixed) == "/api/jobs/{id}/run/");
    CHECK(prefixed.value == "7");
    CHECK(prefixed.root == "/tools/cron/");
}

TEST_CASE("a word of its own wins over a value, whatever the method") {
    const Router router = a_router();
    CHECK(pattern_of(router.find(Method::get, "/api/jobs/statistics/")) == "/api/jobs/statistics/");

    const auto other = router.find(Method::post, "/api/jobs/statistics/");
    CHECK_FALSE(other.route);
    CHECK(router.allowed(other) == "GET, HEAD");
}

TEST_CASE("HEAD finds what GET finds") {
    CHECK(pattern_of(a_router().find(Method::head, "/api/jobs/")) == "/api/jobs/");
}

TEST_CASE("a known path by another method is told which ones it has") {
    const Router router = a_router();
    const auto found = router.find(Method::delete_, "/api/jobs/");
    CHECK_FALSE(found.route);
    REQUIRE(found.other);
    CHECK(router.allowed(found) == "GET, HEAD, POST");
}

TEST_CASE("a path without its slash is known to lack it, and spelt otherwise it is unknown") {
    const Router router = a_router();
    CHECK(router.find(Method::get, "/api/jobs").lacks_slash);
    CHECK(router.find(Method::post, "/tools/cron/api/jobs/7/run").lacks_slash);
    for (const auto path :
         {"/api/jobs//", "/api//jobs/", "/API/jobs/", "/api/jobs/7/run/x/", "/api/jobs/7/x",
          "/api/%6aobs/", "/tools/cron/livez", "/api", "/livez/"}) {
        CAPTURE(path);
        const auto found = router.find(Method::get, path);
        CHECK_FALSE(found.route);
        CHECK_FALSE(found.lacks_slash);
    }
}

TEST_CASE("a table with a gap does not start") {
    const Route no_right[] = {{Method::get, "/api/x/", {}, Served::inline_, nothing}};
    const auto refused = Router::make(no_right, "/p/");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().what == "GET /api/x/ does not say who may: it needs a right");

    const Route no_handler[] = {{Method::get, "/api/x/", Right::view, Served::inline_, nullptr}};
    CHECK_FALSE(Router::make(no_handler, "/p/"));

    const Route twice[] = {kTable[0], kTable[0]};
    CHECK_FALSE(Router::make(twice, "/p/"));
}

}  // namespace cjv::web

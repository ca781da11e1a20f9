#include "web/response.h"

#include <doctest/doctest.h>

namespace cjv::web {
namespace {

Request asking(std::string_view accept) {
    Request request;
    request.headers = {{"Accept", accept}};
    request.id = "r-1";
    return request;
}

Error bad(std::vector<FieldError> fields) { return {Errc::bad_input, "wrong", std::move(fields)}; }

}  // namespace

TEST_CASE("field errors nest as the body does, in DRF's shape") {
    const auto response =
        problem(asking("*/*"), bad({{"name", "required", "This field is required."},
                                    {"target.argv.0", "blank", "May not be blank."},
                                    {"target.argv.0", "x", "Also this."},
                                    {"", "invalid", "They disagree."}}));
    CHECK(response.status == 400);
    CHECK(response.type == "application/json");
    CHECK(response.body ==
          R"({"name":["This field is required."],"target":{"argv":{"0":["May not be blank.",)"
          R"("Also this."]}},"non_field_errors":["They disagree."]})");
}

TEST_CASE("who asks for a problem gets all that is known of it") {
    FieldError field{"schedule", "range", "25 is out of range 0-23", 3, "0-23", "hour"};
    field.suggest = R"({"schedule":"0 2 * * *"})";
    const auto response = problem(asking("application/problem+json"), bad({field}));
    CHECK(response.type == "application/problem+json");
    CHECK(response.body ==
          R"({"type":"about:blank","title":"Bad Request","status":400,"detail":"wrong",)"
          R"("code":"invalid","errors":[{"path":"schedule","code":"range",)"
          R"("message":"25 is out of range 0-23","field":"hour","column":3,"hint":"0-23",)"
          R"("suggest":{"schedule":"0 2 * * *"}}],"request_id":"r-1"})");
}

TEST_CASE("each kind of error has its status") {
    const auto status = [](Errc code) { return problem(asking(""), {code, "x"}).status; };
    CHECK(status(Errc::unauthenticated) == 401);
    CHECK(status(Errc::forbidden) == 403);
    CHECK(status(Errc::not_found) == 404);
    CHECK(status(Errc::conflict) == 409);
    CHECK(status(Errc::stale) == 412);
    CHECK(status(Errc::throttled) == 429);
    CHECK(status(Errc::unavailable) == 503);
    CHECK(status(Errc::corrupt) == 500);
}

TEST_CASE("401 says how to sign in, and 503 when to come back") {
    CHECK(problem(asking(""), {Errc::unauthenticated, "x"}).headers ==
          "WWW-Authenticate: Token\r\n");
    CHECK(problem(asking(""), {Errc::unavailable, "x"}).headers == "Retry-After: 1\r\n");
}

TEST_CASE("what a broken store said stays inside") {
    const auto response = problem(asking(""), {Errc::corrupt, "SELECT * FROM secrets failed"});
    CHECK(response.body == R"({"detail":"A server error occurred."})");
}

TEST_CASE("the code of a one-time password reaches old clients too") {
    Error error{Errc::forbidden, "Change it."};
    error.fields.push_back({"", "password_change_required", "Change it."});
    CHECK(problem(asking(""), error).body ==
          R"({"detail":"Change it.","code":"password_change_required"})");
    CHECK(problem(asking("application/problem+json"), error)
              .body.find(R"("code":"password_change_required")") != std::string::npos);
}

TEST_CASE("a header's value cannot begin another header") {
    Response response;
    add_header(response, "Location", "/a\r\nSet-Cookie: x=1");
    CHECK(response.headers == "Location: /a\r\n");
}

TEST_CASE("every head carries what all answers have") {
    std::string head;
    append_head(head, json(200, "{}"), {.request_id = "r-1", .date = "D", .keep_alive = false});
    CHECK(
        head.starts_with("HTTP/1.1 200 OK\r\nDate: D\r\nContent-Type: application/json\r\n"
                         "Content-Length: 2\r\nConnection: close\r\nX-Request-Id: r-1\r\n"));
    for (const auto line :
         {"X-Content-Type-Options: nosniff\r\n", "Cache-Control: no-store\r\n",
          "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n",
          "Referrer-Policy: same-origin\r\n", "Cross-Origin-Opener-Policy: same-origin\r\n"})
        CHECK(head.find(line) != std::string::npos);
    CHECK(head.ends_with("\r\n\r\n"));
}

}  // namespace cjv::web

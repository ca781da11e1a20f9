#include "web/request.h"

#include <doctest/doctest.h>

namespace cjv::web {
namespace {

Request with_body(std::string_view type, std::string_view body) {
    Request request;
    request.headers = {{"Content-Type", type}};
    request.body = body;
    return request;
}

}  // namespace

TEST_CASE("a query is decoded in order, and the last of a name counts") {
    Request request;
    request.query = *parse_query("a=1&b=x%20y+z&a=2&c&&d=%C3%A9");
    CHECK(request.query.size() == 5);
    CHECK(request.parameter("a") == "2");
    CHECK(request.parameter("b") == "x y z");
    CHECK(request.parameter("c") == "");
    CHECK(request.parameter("d") == "é");
    CHECK_FALSE(request.parameter("e"));
}

TEST_CASE("a query of a hundred parameters is taken, one of more or with a broken escape is not") {
    std::string text;
    for (int i = 0; i < 100; ++i) text += "&a=1";
    CHECK(parse_query(text));
    CHECK_FALSE(parse_query(text + "&a=1"));
    CHECK_FALSE(parse_query("a=%zz"));
    CHECK_FALSE(parse_query("a=%00"));
}

TEST_CASE("a cookie is found among others, by its whole name") {
    Request request;
    request.headers = {{"cookie", "a=1; xcjv_session=no; cjv_session=yes ; b=2"}};
    CHECK(request.cookie("cjv_session") == "yes");
    CHECK(request.cookie("b") == "2");
    CHECK_FALSE(request.cookie("session"));
}

TEST_CASE("a body is a JSON object, and none is an empty one") {
    CHECK(read_object(with_body("application/json; charset=utf-8", R"({"a": 1})"))->find("a"));
    CHECK(read_object(with_body("", ""))->members().empty());

    const auto list = read_object(with_body("application/json", "[]"));
    CHECK(list.error().what == "Invalid data. Expected a dictionary.");

    const auto malformed = read_object(with_body("application/json", "{"));
    CHECK(malformed.error().what.starts_with("JSON parse error - "));

    const auto form = read_object(with_body("text/plain", "a=1"));
    REQUIRE_FALSE(form);
    CHECK(form.error().fields.front().code == kUnsupportedMediaType);
    CHECK(form.error().what == "Unsupported media type \"text/plain\" in request.");
}

TEST_CASE("a whole number of the query keeps its limits") {
    Request request;
    request.query = *parse_query("n=5&bad=x&big=101&empty=");
    CHECK(whole_parameter(request, "n", 1, 0, 100).value() == 5);
    CHECK(whole_parameter(request, "none", 1, 0, 100).value() == 1);
    CHECK(whole_parameter(request, "empty", 1, 0, 100).value() == 1);
    CHECK(whole_parameter(request, "bad", 1, 0, 100).error().fields.front().path == "bad");
    CHECK_FALSE(whole_parameter(request, "big", 1, 0, 100));
}

TEST_CASE("what is encoded is decoded to the same") {
    const std::string odd = "a/b c+d?é&=";
    CHECK(percent_encode(odd) == "a%2Fb%20c%2Bd%3F%C3%A9%26%3D");
    CHECK(percent_decode(percent_encode(odd), Plus::blank) == odd);
}

}  // namespace cjv::web

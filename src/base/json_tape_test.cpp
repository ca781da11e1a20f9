#include "base/json_tape.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

namespace cjv {
namespace {

std::string refusal_of(std::string_view text, const json::TapeLimits& limits = {}) {
    json::Tape tape;
    const auto item = tape.read(text, limits);
    return item ? "(it was accepted)" : item.error().what;
}

}  // namespace

TEST_CASE("a tape reads one text after the other") {
    json::Tape tape;
    for (int i = 0; i < 3; ++i) {
        const auto event = tape.read(R"( {"type": "task-sent", "n": [1, -2.5], "no": null} )");
        REQUIRE(event);
        CHECK(event->find("type")->as_string() == "task-sent");
        CHECK(event->find("n")->raw() == "[1, -2.5]");
        CHECK_FALSE(event->find("absent"));
        std::string keys;
        for (const json::Item child : *event) keys += child.key();
        CHECK(keys == "typenno");

        const auto number = tape.read("5");
        REQUIRE(number);
        CHECK(number->as_int64() == 5);
        CHECK(number->begin() == number->end());
    }
}

TEST_CASE("read strictly, a tape refuses what json::parse() does, and says the same") {
    json::Tape tape;
    CHECK(tape.read_strictly(R"({"a": [1, {"b": null}]})")->find("a")->raw() ==
          R"([1, {"b": null}])");
    for (const char* text : {"[NaN]", R"({"a": 1, "a": 2})", R"(["\ud800"])", "[1", "1 2", ""}) {
        const auto read = tape.read_strictly(text);
        const auto parsed = json::parse(text);
        REQUIRE_FALSE(read);
        REQUIRE_FALSE(parsed);
        CHECK(read.error().what == parsed.error().what);
    }
}

TEST_CASE("a tape reads what Python writes beyond JSON") {
    json::Tape tape;
    const auto item =
        tape.read(R"({"nan": NaN, "inf": [Infinity, -Infinity], "half": "a\ud83d!\n", "\udc00": 1,)"
                  R"( "pair": "\ud83d\ude00\ud800", "twice": 1, "twice": 2})");
    REQUIRE(item);
    CHECK(std::isnan(item->find("nan")->as_double().value()));
    CHECK_FALSE(item->find("nan")->as_int64());
    CHECK(item->find("nan")->raw() == "NaN");
    CHECK((*item->find("inf")->begin()).as_double() == HUGE_VAL);
    CHECK(item->find("half")->as_string() == "a\xEF\xBF\xBD!\n");
    CHECK(item->find("\xEF\xBF\xBD")->as_int64() == 1);
    CHECK(item->find("pair")->as_string() == "\xF0\x9F\x98\x80\xEF\xBF\xBD");
    CHECK(item->find("twice")->as_int64() == 2);
}

TEST_CASE("a tape refuses what Python refuses") {
    for (const auto text :
         {"", "nan", "inf", "-NaN", "[1,]", "{", "1]", "[1],[2]", "\"\\x\"", "\"\\ud800\\x\"",
          "\"\\ud800\\u12\"", "\"\xff\"", "\"a\nb\"", "{1: 2}"}) {
        CAPTURE(text);
        CHECK(refusal_of(text) != "(it was accepted)");
    }
}

TEST_CASE("what is nested deeper than is kept is checked, and only shown as text") {
    json::Tape tape;
    const json::TapeLimits three_floors{.kept_depth = 3, .values = 3};
    const auto item = tape.read(R"({"result": [1, {"a": [1, 2, 3]}]})", three_floors);
    CHECK_FALSE(item);  // the array has two values, which makes four

    const auto kept = tape.read(R"({"result": {"a": [1, [2, "\ud800"], 3]}})", three_floors);
    REQUIRE(kept);
    CHECK(kept->find("result")->find("a")->raw() == R"([1, [2, "\ud800"], 3])");
    CHECK(kept->find("result")->find("a")->begin() == kept->find("result")->find("a")->end());

    CHECK(refusal_of(R"({"result": {"a": [1, [2, 3}]]}})", three_floors) != "(it was accepted)");
}

TEST_CASE("a tape has limits, and names them") {
    std::string deep;
    for (int i = 0; i < 300; ++i) deep += '[';
    for (int i = 0; i < 300; ++i) deep += ']';
    CHECK(refusal_of(deep).starts_with("nested deeper than 256: line 1 column 257"));
    CHECK(refusal_of("[1,2,3]", {.values = 3}).starts_with("more than 3 values"));
    CHECK(refusal_of("[1,2,3]", {.bytes = 4}) == "the text is longer than 0 KiB");
}

TEST_CASE("a long text does not change what the next one says") {
    json::Tape tape;
    const std::string text = "[\"" + std::string(std::size_t{3} << 20, 'x') + "\"]";
    const auto item = tape.read(text);
    REQUIRE(item);
    CHECK((*item->begin()).as_string()->size() == std::size_t{3} << 20);
    CHECK(tape.read("[\"short\"]")->raw() == "[\"short\"]");
}

}  // namespace cjv

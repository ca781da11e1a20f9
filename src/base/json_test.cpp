#include "base/json.h"

#include <doctest/doctest.h>

#include <limits>

namespace cjv {
namespace {

std::string repeat(std::string_view text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += text;
    return all;
}

std::string refusal_of(std::string_view text) {
    const auto value = json::parse(text);
    return value ? "(it was accepted)" : value.error().what;
}

template <class T>
std::string written(const T& value) {
    std::string out;
    json::Writer(out).value(value);
    return out;
}

}  // namespace

TEST_CASE("an object keeps its order and finds its members") {
    const auto body = json::parse(R"( {"name": "a\u00e9\n", "n": 5, "ok": true, "no": null} )");
    REQUIRE(body);

    const auto members = body->members();
    REQUIRE(members.size() == 4);
    CHECK(members[0].key == "name");
    CHECK(members[0].value.as_string() == "aé\n");
    CHECK(members[3].value.is_null());
    CHECK(body->find("n")->as_int64() == 5);
    CHECK(body->find("ok")->as_bool() == true);
    CHECK_FALSE(body->find("N"));
}

TEST_CASE("a value outlives the text and the root that it came from") {
    std::optional<json::Value> inner;
    {
        std::string text = R"({"deep": ["one", "two"]})";
        inner = json::parse(text)->find("deep");
        text.assign(text.size(), 'x');
    }
    CHECK(inner->items()[1].as_string() == "two");
}

TEST_CASE("raw text comes back digit for digit and blank for blank") {
    const auto body = json::parse(
        R"({"args": [1.0, 12345678901234567890123, 1e400 , -0] , "kw":{ "a" : {} }, "s": "\u00e9" })");
    REQUIRE(body);
    CHECK(body->find("args")->raw() == "[1.0, 12345678901234567890123, 1e400 , -0]");
    CHECK(body->find("args")->items()[1].raw() == "12345678901234567890123");
    CHECK(body->find("kw")->raw() == R"({ "a" : {} })");
    CHECK(body->find("kw")->find("a")->raw() == "{}");
    CHECK(body->find("s")->raw() == R"("\u00e9")");
}

TEST_CASE("a number is a whole number only when it is written as one and fits") {
    const auto all =
        json::parse("[5, 5.0, -9223372036854775808, 9223372036854775808, 1e2]")->items();
    CHECK(all[0].as_int64() == 5);
    CHECK_FALSE(all[1].as_int64());
    CHECK(all[1].as_double() == 5.0);
    CHECK(all[2].as_int64() == std::numeric_limits<std::int64_t>::min());
    CHECK_FALSE(all[3].as_int64());
    CHECK(all[4].as_double() == 100.0);
}

TEST_CASE("a single word is a document too") {
    CHECK(json::parse("null")->is_null());
    CHECK(json::parse(" \"x\" ")->as_string() == "x");
    CHECK(json::parse("-1.5e3")->as_double() == -1500.0);
}

TEST_CASE("what is not JSON is refused") {
    for (const auto text : {"",
                            "  ",
                            "nul",
                            "truely",
                            "01",
                            "1.",
                            ".5",
                            "+1",
                            "1e",
                            "-",
                            "NaN",
                            "Infinity",
                            "'a'",
                            "{",
                            "}",
                            "[",
                            "]",
                            "[1",
                            "[1,]",
                            "[,1]",
                            "[1 2]",
                            "{\"a\"}",
                            "{\"a\":}",
                            "{\"a\":1,}",
                            "{a:1}",
                            "{\"a\" 1}",
                            "{\"a\":1 \"b\":2}",
                            "[1}",
                            "{\"a\":1]",
                            "1 2",
                            "1,2",
                            "[1] [2]",
                            "[1],[2]",
                            "1]",
                            "1],[2",
                            "{}]",
                            "\"open",
                            "\"\\x\"",
                            "\"\\ud800\"",
                            "\"\\u12\"",
                            "\"a\nb\"",
                            "[1]x",
                            "/**/1",
                            "\xEF\xBB\xBF{}",
                            "\"\xff\"",
                            "\"\xc0\xaf\"",
                            "\"\xed\xa0\x80\"",
                            "[\"a\":1]",
                            "{1:2}",
                            "{\"a\":1:2}",
                            "{\"a\",1}",
                            "[1:2]"}) {
        CAPTURE(text);
        CHECK_FALSE(json::parse(text));
    }
    CHECK_FALSE(json::parse(std::string_view("1\0", 2)));
    CHECK_FALSE(json::parse(std::string_view("\"a\0b\"", 5)));
}

TEST_CASE("a refusal says what is wrong and where, counting as Python does") {
    CHECK(refusal_of("") == "expected a value, found nothing: line 1 column 1 (char 0)");
    CHECK(refusal_of("{\"a\": nil}") == "expected a value: line 1 column 7 (char 6)");
    CHECK(refusal_of("{\n  \"a\": 1,\n  \"a\": 2\n}").starts_with("duplicate key \"a\": line 3"));
    CHECK(refusal_of("1 2").starts_with("more text follows the value"));
    CHECK(refusal_of("\"\xff\"").starts_with("the text is not valid UTF-8"));
}

TEST_CASE(
    "a key twice in one object is refused, escaped or not, and the same key elsewhere is not") {
    CHECK_FALSE(json::parse(R"({"a": 1, "\u0061": 2})"));
    CHECK_FALSE(json::parse(R"([{"b": {"a": 1, "c": 0, "a": 2}}])"));
    CHECK(json::parse(R"({"a": {"a": 1}, "b": {"a": 1}})"));
}

TEST_CASE("each limit is allowed and one more is refused") {
    CHECK(json::parse(repeat("[", 32) + repeat("]", 32)));
    CHECK(refusal_of(repeat("[", 33) + repeat("]", 33)).starts_with("nested deeper than 32"));
    CHECK_FALSE(json::parse(repeat("[", 100'000)));

    CHECK(json::parse("[" + repeat("0,", 9'998) + "0]"));
    CHECK(refusal_of("[" + repeat("0,", 9'999) + "0]").starts_with("more than 10000 values"));

    const std::string most(json::kMaxStringBytes, 'x');
    CHECK(json::parse("\"" + most + "\""));
    CHECK_FALSE(json::parse("\"" + most + "x\""));
    CHECK_FALSE(json::parse("{\"" + most + "x\": 1}"));
}

TEST_CASE("a writer nests, separates and leaves the text before it alone") {
    std::string out = "HTTP";
    json::Writer writer(out);
    writer.begin_object();
    writer.field("id", 7);
    writer.key("tags");
    writer.begin_array();
    writer.value("a");
    writer.value("[");
    writer.begin_object();
    writer.end_object();
    writer.value(std::optional<double>{});
    writer.end_array();
    writer.field("raw", json::Raw{R"({"x": 1.00})"});
    writer.field("yes", true);
    writer.end_object();
    CHECK(out == R"(HTTP{"id":7,"tags":["a","[",{},null],"raw":{"x": 1.00},"yes":true})");
}

TEST_CASE("whatever is written can be read back") {
    const std::string odd("quote\" back\\ \b\f\n\r\t\x01 \x7f é 😀 </script> \0 end", 45);
    CHECK(json::parse(written(odd))->as_string() == odd);
    CHECK(written(0.1) == "0.1");
    CHECK(written(5.0) == "5");
    CHECK(written(std::numeric_limits<double>::infinity()) == "null");
    CHECK(written(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
    CHECK(written(instant_from_micros(1'764'554'400'250'000)) == "\"2025-12-01T02:00:00.25Z\"");
    CHECK(written(Uuid{}) == "\"00000000-0000-0000-0000-000000000000\"");
}

TEST_CASE("bytes that are not UTF-8 are written as replacement characters") {
    CHECK(written("a\xff\x62") ==
          "\"a\xEF\xBF\xBD"
          "b\"");
    CHECK(written("\xc0\xaf") == "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
    CHECK(written("\xed\xa0\x80").size() == 2 + 3 * 3);
    CHECK(written("\xf0\x9f\x98") == "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
    CHECK(written("\xf0\x9f\x98\x80") == "\"😀\"");
}

}  // namespace cjv

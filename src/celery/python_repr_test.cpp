#include "celery/python_repr.h"

#include <doctest/doctest.h>

namespace cjv::celery {
namespace {

std::string args(std::string_view text) {
    json::Tape tape;
    return args_repr(tape, text);
}
std::string kwargs(std::string_view text) {
    json::Tape tape;
    return kwargs_repr(tape, text);
}

}  // namespace

// Each right side is what Celery 5.7's saferepr() gave for the left.
TEST_CASE("arguments look as Celery shows them") {
    CHECK(args("[2, 3]") == "[2, 3]");
    CHECK(args("[]") == "()");
    CHECK(
        args(R"([true,null,false,1.0,1e100,1E5,1e-7,123456789012345678901234567890,-0.0])") ==
        "[True, None, False, 1.0, 1e+100, 100000.0, 1e-07, 123456789012345678901234567890, -0.0]");
    CHECK(args(R"(["it's", "a\"b", "b\\c", "Gr\u00fc\u00dfe"])") ==
          R"(['it\'s', 'a"b', 'b\c', 'Grüße'])");
    CHECK(args(R"([[[[1]]],{"a":{"b":{"c":1}}}])") == "[[[[...]]], {'a': {'b': {...}}}]");
    CHECK(kwargs("{}") == "{}");
    CHECK(kwargs(R"({"a":[1,{"b":[2]}],"c":"d"})") == "{'a': [1, {'b': [...]}], 'c': 'd'}");
    CHECK(args(R"([NaN, -Infinity])") == "[nan, -inf]");
    CHECK(args("[1e999]") == "[1e999]");
}

TEST_CASE("long arguments end in dots, with every bracket closed") {
    const std::string word(2'000, 'x');
    const auto one = args("[\"" + word + "\"]");
    CHECK(one.size() == 1'030);
    CHECK(one.ends_with("xxx...']"));

    std::string numbers = "[";
    for (int i = 0; i < 500; ++i) numbers += (i ? ",123456789" : "123456789");
    const auto many = args(numbers + "]");
    CHECK(many.size() < 1'050);
    CHECK(many.ends_with(", ...]"));

    const auto deep = kwargs("{\"k\": [\"" + word + "\", 1], \"l\": 2}");
    CHECK(deep.ends_with("...', ...], ...}"));
}

TEST_CASE("a cut never leaves half a character") {
    std::string text = "[\"a";
    for (int i = 0; i < 1'000; ++i) text += "ü";
    const auto cut = args(text + "\"]");
    CHECK(cut.contains("ü...'"));
}

TEST_CASE("what cannot be read has no repr") { CHECK(args("[1").empty()); }

}  // namespace cjv::celery

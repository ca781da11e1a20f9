#include "celery/typed_json.h"

#include <doctest/doctest.h>

namespace cjv::celery {
namespace {

std::string plain(std::string_view text) {
    json::Tape tape;
    return plain_json(tape.read(text).value());
}

bool known(std::string_view text) {
    json::Tape tape;
    const auto value = typed_value(tape.read(text).value());
    return value && is_known(*value);
}

}  // namespace

TEST_CASE("typed values are shown as their text") {
    CHECK(plain(R"({"dt": {"__type__": "datetime", "__value__": "2024-01-02T03:04:05.000678+00:00"},
                    "n": [1.50, {"__type__": "decimal", "__value__": "1.50"}]})") ==
          R"({"dt": "2024-01-02T03:04:05.000678+00:00", "n": [1.50, "1.50"]})");
    CHECK(
        plain(
            R"({"__type__": "uuid", "__value__": {"hex": "00000000000000000000000000000005"}})") ==
        R"("00000000-0000-0000-0000-000000000005")");
    CHECK(plain(R"({"__type__": "own", "__value__": {"a": 1}})") ==
          R"({"__type__": "own", "__value__": {"a": 1}})");
    CHECK(plain(R"([NaN, Infinity, -Infinity, true, null, {}])") ==
          R"(["NaN", "Infinity", "-Infinity", true, null, {}])");
    CHECK(plain(R"("Gr\u00fc\u00dfe\n")") == R"("Grüße\n")");
}

TEST_CASE("only an object of exactly the two keys is typed") {
    json::Tape tape;
    for (const auto text : {"{}", "[]", R"({"__type__": "date"})",
                            R"({"__type__": "date", "__value__": 1, "a": 2})"}) {
        CAPTURE(text);
        CHECK_FALSE(typed_value(tape.read(text).value()));
    }
}

TEST_CASE("the types that Kombu reads are known, with values that it can read") {
    CHECK(known(R"({"__type__": "datetime", "__value__": "2024-01-02T03:04:05+00:00"})"));
    CHECK(known(R"({"__type__": "date", "__value__": "2024-01-02"})"));
    CHECK(known(R"({"__type__": "time", "__value__": "03:04:05"})"));
    CHECK(known(R"({"__type__": "decimal", "__value__": "-1.50E+3"})"));
    CHECK(
        known(R"({"__type__": "uuid", "__value__": {"hex": "00000000000000000000000000000005"}})"));
    CHECK(known(R"({"__type__": "bytes", "__value__": "ab"})"));
    CHECK(known(R"({"__type__": "base64", "__value__": "//4="})"));

    CHECK_FALSE(known(R"({"__type__": "zzz", "__value__": 1})"));
    CHECK_FALSE(known(R"({"__type__": "datetime", "__value__": "tomorrow"})"));
    CHECK_FALSE(known(R"({"__type__": "date", "__value__": "2024-02-30"})"));
    CHECK_FALSE(known(R"({"__type__": "decimal", "__value__": "1.5.0"})"));
    CHECK_FALSE(known(R"({"__type__": "uuid", "__value__": {"hex": "5"}})"));
    CHECK_FALSE(known(R"({"__type__": "base64", "__value__": "???"})"));
    CHECK_FALSE(known(R"({"__type__": 5, "__value__": "5"})"));
}

}  // namespace cjv::celery

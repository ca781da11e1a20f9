#include "celery/python_text.h"

#include "base/iso8601.h"
#include "support/golden_celery.h"

#include <doctest/doctest.h>

#include <limits>

namespace cjv::celery {
namespace {

std::string quoted(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

std::string written(double number) {
    std::string out;
    append_float(out, number);
    return out;
}

}  // namespace

TEST_CASE("strings are ASCII, as json.dumps writes them") {
    CHECK(quoted("Grüße €") == R"("Gr\u00fc\u00dfe \u20ac")");
    CHECK(quoted("\xF0\x9F\x98\x80") == R"("\ud83d\ude00")");
    CHECK(quoted("a\"\\\b\f\n\r\t\x01\x7f/") == R"("a\"\\\b\f\n\r\t\u0001\u007f/")");
    CHECK(quoted("\xff") == R"("\ufffd")");
    CHECK(quoted("") == R"("")");
}

TEST_CASE("wherever it stands, what must be escaped is, and nothing else") {
    for (int c = 0; c < 0x80; ++c)
        for (std::size_t at = 0; at < 17; ++at) {
            std::string text(17, '~');
            text[at] = char(c);
            text[16 - at] = char(c);
            std::string expected = "\"";
            for (const char one : text) {
                const std::string alone = quoted({&one, 1});
                expected += alone.substr(1, alone.size() - 2);
            }
            CHECK(quoted(text) == expected + "\"");
        }
    for (const std::string_view odd : {"\xC3\xBC", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xFF"})
        for (std::size_t at = 0; at < 17; ++at) {
            const std::string before(at, '~'), after(17 - at, ' ');
            const std::string alone = quoted(odd);
            CHECK(quoted(before + std::string(odd) + after) ==
                  '"' + before + alone.substr(1, alone.size() - 2) + after + '"');
        }
    CHECK(quoted("123456\xC3\xBC"
                 "89\xE2\x82\xAC") == R"("123456\u00fc89\u20ac")");
}

TEST_CASE("instants are written with six fraction digits or none") {
    const auto at = [](const char* text) { return parse_iso8601(text).value(); };
    CHECK(isoformat(at("2030-01-02T03:04:05Z")) == "2030-01-02T03:04:05+00:00");
    CHECK(isoformat(at("2026-11-23T18:08:57.5Z")) == "2026-11-23T18:08:57.500000+00:00");
    CHECK(isoformat(at("2026-11-23T18:08:57.000001+01:00")) == "2026-11-23T17:08:57.000001+00:00");
    CHECK(isoformat(at("0001-01-01T00:00:00Z")) == "0001-01-01T00:00:00+00:00");
    CHECK(has_isoformat(at("9999-12-31T23:59:59Z")));
    CHECK_FALSE(has_isoformat(Instant::max()));
    CHECK_FALSE(has_isoformat(Instant::min()));
}

TEST_CASE("what we write for eta and expires means the same to workers of 5.2 and 5.6") {
    const support::GoldenFile golden("iso8601_eta_parse.json");
    int of_our_form = 0;
    const json::Item versions = support::at(golden.root(), "vectors");
    for (const json::Item version : versions)
        for (const json::Item vector : version) {
            const auto input = support::text_at(vector, "input");
            const auto instant = parse_iso8601(input);
            if (!instant || isoformat(*instant) != input) continue;
            ++of_our_form;
            CHECK(parse_iso8601(support::text_at(vector, "result")) == instant);
        }
    CHECK(of_our_form == 2);
}

TEST_CASE("every time that both versions read alike is read alike here") {
    const support::GoldenFile golden("iso8601_eta_parse.json");
    const json::Item versions = support::at(golden.root(), "vectors");
    const json::Item vectors = support::at(versions, "5.6.3");
    int compared = 0;
    for (const json::Item vector : vectors) {
        const auto result = support::text_at(vector, "result");
        const auto input = support::text_at(vector, "input");
        CAPTURE(input);
        // Ours does not take the forms without seconds, minutes' colon or dashes; nobody writes them.
        if (input.contains("18:08:57") && !result.empty() && !input.ends_with("+0100")) {
            ++compared;
            CHECK(parse_iso8601(input) == parse_iso8601(result));
        }
        if (vector.find("error")) CHECK_FALSE(parse_iso8601(input));
    }
    CHECK(compared == 9);
}

TEST_CASE("floats look as in Python") {
    CHECK(written(1.0) == "1.0");
    CHECK(written(-0.0) == "-0.0");
    CHECK(written(1e15) == "1000000000000000.0");
    CHECK(written(1e16) == "1e+16");
    CHECK(written(1e100) == "1e+100");
    CHECK(written(0.0001) == "0.0001");
    CHECK(written(0.00001) == "1e-05");
    CHECK(written(100000.0) == "100000.0");
    CHECK(written(std::numeric_limits<double>::infinity()) == "inf");
    CHECK(written(std::numeric_limits<double>::quiet_NaN()) == "nan");
}

TEST_CASE("the seconds of Python's clock become whole microseconds") {
    Instant at{};
    REQUIRE(read_unix_seconds(1795453838.2255564, at));
    CHECK(to_iso8601(at) == "2026-11-23T17:10:38.225556Z");
    CHECK(unix_seconds(at) == doctest::Approx(1795453838.225556));
    for (const double wrong : {-1.0, 1e12, std::numeric_limits<double>::quiet_NaN(),
                               std::numeric_limits<double>::infinity()})
        CHECK_FALSE(read_unix_seconds(wrong, at));
}

}  // namespace cjv::celery

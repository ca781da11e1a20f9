// The vectors of tests/golden/cron, all of them.

#include "base/iso8601.h"
#include "base/json.h"
#include "schedule/names.h"
#include "schedule/schedule.h"
#include "support/zones.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

namespace cjv::schedule {
namespace {

std::vector<json::Value> lines_of(const std::string& name) {
    std::ifstream file(CJV_GOLDEN "/cron/" + name);
    std::vector<json::Value> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(json::parse(line).value());
    return lines;
}

std::string text(const json::Value& line, std::string_view key) {
    const auto value = line.find(key);
    return value ? std::string(value->as_string().value_or("")) : "";
}

std::vector<json::Value> items(const json::Value& line, std::string_view key) {
    const auto value = line.find(key);
    return value ? value->items() : std::vector<json::Value>{};
}

bool holds(const std::vector<json::Value>& texts, std::string_view wanted) {
    return std::ranges::any_of(
        texts, [&](const auto& t) { return t.as_string() == wanted || t.as_string() == "*"; });
}

Options options_of(const json::Value& line) {
    return {.type = Type::cron,
            .day_match = day_match_from(text(line, "day_match")).value(),
            .hash_key = text(line, "hash_key")};
}

std::string lowered(std::string text) {
    std::ranges::transform(text, text.begin(), lower);
    return text;
}

// Up to five slots after `from`, as text.
std::vector<std::string> slots(const Schedule& schedule, Instant from) {
    std::vector<std::string> slots;
    for (auto next = schedule.next_after(from); next && slots.size() < 5;
         next = schedule.next_after(*next))
        slots.push_back(to_iso8601(*next));
    return slots;
}

std::vector<std::string> expected_slots(const json::Value& line) {
    std::vector<std::string> slots;
    for (const auto& at : items(line, "next"))
        slots.push_back(to_iso8601(parse_iso8601(*at.as_string()).value()));
    return slots;
}

}  // namespace

TEST_CASE("the slots of every cron vector are the ones that the vectors name") {
    const auto lines = lines_of("cron-visible.jsonl");
    REQUIRE(lines.size() == 1'538);

    for (const auto& line : lines) {
        CAPTURE(line.raw());
        auto options = options_of(line);
        options.zone = support::system_zones().find(text(line, "tz"));
        REQUIRE(options.zone);
        const auto schedule = Schedule::parse(text(line, "expr"), options);

        REQUIRE(schedule.has_value());
        CHECK(slots(*schedule, parse_iso8601(text(line, "from")).value()) == expected_slots(line));
    }
}

TEST_CASE("every wrong expression is refused for its field, at its column, with its code") {
    const auto lines = lines_of("cron-invalid-visible.jsonl");
    REQUIRE(lines.size() == 152);

    for (const auto& line : lines) {
        CAPTURE(line.raw());
        const auto schedule = Schedule::parse(text(line, "expr"), options_of(line));

        REQUIRE_FALSE(schedule.has_value());
        const auto& refusal = schedule.error();
        CAPTURE(sentence(refusal));
        CHECK(holds(items(line, "field_ok"), refusal.field.empty() ? "expression" : refusal.field));
        CHECK(holds(items(line, "code_ok"), refusal.code));
        if (const auto span = items(line, "field_span"); span.empty()) {
            CHECK(refusal.column == 0);
        } else {
            CHECK(refusal.column >= span[0].as_int64().value());
            CHECK(refusal.column <= span[1].as_int64().value());
        }
    }
}

TEST_CASE("the slots of every interval vector are the ones that the vectors name") {
    const auto lines = lines_of("interval-visible.jsonl");
    REQUIRE(lines.size() == 72);

    for (const auto& line : lines) {
        CAPTURE(line.raw());
        Options options{.type = Type::interval};
        if (!line.find("error")) options.anchor = parse_iso8601(text(line, "anchor")).value();
        const auto schedule = Schedule::parse(text(line, "text"), options);

        REQUIRE(schedule.has_value() == !line.find("error"));
        if (schedule)
            CHECK(slots(*schedule, parse_iso8601(text(line, "from")).value()) ==
                  expected_slots(line));
    }
}

TEST_CASE("every solar vector comes when the vectors say, within their tolerance") {
    const auto lines = lines_of("solar-visible.jsonl");
    REQUIRE(lines.size() == 50);

    for (const auto& line : lines) {
        CAPTURE(line.raw());
        const auto number = [&](std::string_view key) {
            return std::string(line.find(key)->raw());
        };
        const auto schedule =
            Schedule::parse(text(line, "event") + " " + number("lat") + " " + number("lon"), {});
        REQUIRE(schedule.has_value());
        auto at = parse_iso8601(text(line, "from")).value();
        for (const auto& expected : items(line, "next")) {
            const auto next = schedule->next_after(at);

            REQUIRE(next);
            const auto right = parse_iso8601(*expected.as_string()).value();
            const auto apart = std::chrono::abs(*next - right);
            CHECK(apart <= std::chrono::seconds{line.find("tolerance_s")->as_int64().value()});
            at = right + std::chrono::hours{1};
        }
    }
}

TEST_CASE("every description says what it must") {
    const auto lines = lines_of("cron-describe-visible.jsonl");
    REQUIRE(lines.size() == 104);

    for (const auto& line : lines) {
        CAPTURE(line.raw());
        const auto words =
            lowered(Schedule::parse(text(line, "expr"), options_of(line)).value().words());
        CAPTURE(words);
        const auto says = [&](const json::Value& piece) {
            return words.find(lowered(std::string(*piece.as_string()))) != std::string::npos;
        };

        for (const auto& group : items(line, "must"))
            CHECK(std::ranges::any_of(group.items(), says));
        CHECK(std::ranges::none_of(items(line, "must_not"), says));
    }
}

}  // namespace cjv::schedule

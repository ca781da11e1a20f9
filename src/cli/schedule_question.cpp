#include "cli/schedule_question.h"

#include <fmt/format.h>

#include "base/iso8601.h"
#include "schedule/json.h"

namespace cjv::cli {
namespace {

constexpr std::int64_t kMostSlots = 1'000;

// Reads the members that a question may have; the first one that is wrong is said in `wrong`. Others are
// left alone, so that a line may carry a number of its own.
class Question {
public:
    explicit Question(const json::Value& value) : value_(value) {}

    std::string_view text(std::string_view name, std::string_view otherwise = "") {
        const auto member = given(name);
        if (!member) return otherwise;
        const auto text = member->as_string();
        if (!text) refuse(name, "must be a string");
        return text.value_or(otherwise);
    }

    Instant instant(std::string_view name, Instant otherwise) {
        if (!given(name)) return otherwise;
        const auto at = parse_iso8601(text(name));
        if (!at) refuse(name, "must be an ISO 8601 time such as 2026-12-01T02:00:00Z");
        return at.value_or(otherwise);
    }

    int count() {
        const auto member = given("count");
        if (!member) return 5;
        const auto count = member->as_int64();
        if (!count || *count < 0 || *count > kMostSlots) {
            refuse("count", "must be a whole number from 0 to 1000");
            return 0;
        }
        return static_cast<int>(*count);
    }

    template <class Enum>
    std::optional<Enum> choice(std::string_view name,
                               std::optional<Enum> (*from)(std::string_view text),
                               std::string_view choices) {
        if (!given(name)) return std::nullopt;
        const auto chosen = from(text(name));
        if (!chosen) refuse(name, fmt::format("must be one of {}", choices));
        return chosen;
    }

    void refuse(std::string_view name, std::string_view what) {
        if (wrong.empty()) wrong = fmt::format("\"{}\" {}", name, what);
    }

    std::string wrong;

private:
    std::optional<json::Value> given(std::string_view name) const {
        auto member = value_.find(name);
        if (member && member->is_null()) return std::nullopt;
        return member;
    }

    const json::Value& value_;
};

}  // namespace

void answer_bad_request(std::string& out, std::string_view message) {
    json::Writer writer(out);
    writer.begin_object();
    writer.field("ok", false);
    writer.key("error");
    write(writer, schedule::Refusal{.code = "bad-request", .message = std::string(message)});
    writer.end_object();
}

// "0 9 * * * (timezone Europe/Berlin)"
std::string told(const schedule::Suggestion& suggestion) {
    std::string more;
    const auto add = [&](std::string_view name, std::string_view value) {
        more += fmt::format("{}{} {}", more.empty() ? "" : ", ", name, value);
    };
    if (!suggestion.timezone.empty()) add("timezone", suggestion.timezone);
    if (suggestion.day_match) add("day match", to_text(*suggestion.day_match));
    if (suggestion.type) add("type", to_text(*suggestion.type));
    if (suggestion.year != 0) {
        add("start_at", schedule::start_of_year(suggestion.year));
        add("end_at", schedule::start_of_year(suggestion.year + 1));
    }
    return more.empty() ? suggestion.schedule : fmt::format("{} ({})", suggestion.schedule, more);
}

void write_told(json::Writer& out, const Told& told) {
    out.field("schedule_type", to_text(told.schedule.type()));
    out.field("words", told.schedule.words());
    out.key("next");
    out.begin_array();
    std::optional<Instant> slot = told.from;
    for (int i = 0; i < told.count; ++i) {
        slot = told.schedule.next_after(*slot);
        if (!slot) break;
        out.value(
            to_iso8601(*slot, told.zone ? told.zone->offset_at(*slot) : std::chrono::seconds{0}));
    }
    out.end_array();
    out.key("warnings");
    write(out, told.schedule.warnings(told.from, told.text));
}

void answer(std::string& out, std::string_view line, const schedule::Zones& zones, Instant now) {
    const auto value = json::parse(line);
    if (!value) return answer_bad_request(out, value.error().what);
    if (value->kind() != json::Kind::object)
        return answer_bad_request(out, "a line is one JSON object");

    Question question(*value);
    if (!value->find("schedule")) question.refuse("schedule", "is missing");
    const auto text = question.text("schedule");
    const auto zone_name = question.text("timezone", "UTC");
    const auto from = question.instant("from", now);
    const int count = question.count();
    schedule::Options options;
    options.type = question.choice("schedule_type", schedule::type_from,
                                   "cron, interval, clocked, solar, manual");
    options.day_match = question.choice("day_match", schedule::day_match_from, "either, both")
                            .value_or(schedule::DayMatch::either);
    options.clock.gap = question.choice("dst_gap", schedule::gap_from, "after_gap, skip")
                            .value_or(schedule::Gap::after_gap);
    options.clock.fold = question.choice("dst_fold", schedule::fold_from, "first, both, second")
                             .value_or(schedule::Fold::first);
    options.hash_key = question.text("hash_key");
    options.anchor = question.instant("anchor", Instant{});
    options.zone = zones.find(zone_name);
    options.zones = &zones;
    if (!options.zone) question.refuse("timezone", "is no IANA time zone such as Europe/Berlin");
    if (!question.wrong.empty()) return answer_bad_request(out, question.wrong);

    const auto schedule = schedule::Schedule::parse(text, options);
    json::Writer writer(out);
    writer.begin_object();
    writer.field("ok", schedule.has_value());
    if (schedule) {
        write_told(writer, {.schedule = *schedule,
                            .text = text,
                            .zone = options.zone.get(),
                            .from = from,
                            .count = count});
    } else {
        writer.key("error");
        write(writer, schedule.error());
    }
    writer.end_object();
}

}  // namespace cjv::cli

// Any text as a schedule, asked from any instant in an odd zone: it is refused in words that can be
// shown, or its slots move forward by whole seconds.

#include "schedule/schedule.h"
#include "schedule/utf8.h"
#include "support/zones.h"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace {

using namespace cjv;
using namespace cjv::schedule;

void demand(bool holds) {
    if (!holds) std::abort();
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const auto [code, bytes] = first_character(text);
        if (code == 0xFFFD && bytes == 1) return false;
        text.remove_prefix(bytes);
    }
    return true;
}

// What a suggestion does not set stays as it was asked.
void demand_good(const Suggestion& suggestion, const Options& asked) {
    const Options options{.type = suggestion.type ? suggestion.type : asked.type,
                          .day_match = suggestion.day_match.value_or(asked.day_match),
                          .hash_key = "a job"};
    demand(Schedule::parse(suggestion.schedule, options).has_value());
}

void judge(const Refusal& refusal, std::string_view text, const Options& asked) {
    demand(!refusal.code.empty() && !refusal.message.empty());
    demand(is_utf8(sentence(refusal)));
    demand(refusal.column >= 0 && refusal.column <= length_of(text) + 1);
    if (refusal.suggest) demand_good(*refusal.suggest, asked);
}

void judge(const Schedule& schedule, std::string_view text, Instant from, const Options& asked) {
    demand(is_utf8(schedule.words()) && !schedule.words().empty());
    demand(schedule.runs_per_week(from) >= 0);
    for (const auto& warning : schedule.warnings(from, text)) {
        demand(is_utf8(warning.message));
        if (warning.suggest) demand_good(*warning.suggest, asked);
    }
    auto at = from;
    for (int i = 0; i < 8; ++i) {
        const auto next = schedule.next_after(at);
        if (!next) return;
        demand(*next > at && micros(*next) % 1'000'000 == 0);
        // Nothing lies between.
        demand(schedule.next_after(*next - std::chrono::microseconds{1}) == next);
        at = *next;
    }
}

}  // namespace

// The first ten bytes choose what is asked, the rest is the text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::array<const char*, 6> kZones = {"UTC",
                                                   "Europe/Berlin",
                                                   "Australia/Lord_Howe",
                                                   "Africa/Casablanca",
                                                   "America/Havana",
                                                   "Pacific/Apia"};
    constexpr std::size_t kChoices = 10;
    if (size < kChoices) return 0;
    std::int64_t from = 0;
    std::memcpy(&from, data, sizeof from);
    const std::string text(reinterpret_cast<const char*>(data) + kChoices, size - kChoices);
    if (text.size() > 600) return 0;

    Options options{.day_match = data[8] & 1 ? DayMatch::both : DayMatch::either,
                    .hash_key = "a job",
                    .zone = support::system_zones().find(kZones[data[9] % kZones.size()])};
    if (data[8] & 2) options.type = Type::interval;
    if (data[8] & 4) options.type = Type::cron;
    const auto schedule = Schedule::parse(text, options);
    if (schedule)
        judge(*schedule, text, instant_from_micros(from), options);
    else
        judge(schedule.error(), text, options);
    return 0;
}

#include "schedule/schedule.h"

#include "schedule/entries.h"
#include "schedule/names.h"
#include "schedule/phrase.h"
#include "schedule/suggest.h"
#include "schedule/utf8.h"
#include "schedule/wall_text.h"
#include "schedule/words.h"
#include "schedule/zone.h"
#include "schedule/zones.h"

#include <algorithm>
#include <array>
#include <utility>

namespace cjv::schedule {
namespace {

using std::chrono::floor;
using std::chrono::seconds;
using std::chrono::sys_seconds;

Type type_of(std::string_view text) {
    if (trimmed(text).empty()) return Type::manual;
    if (Every::claims(text)) return cron_of_phrase(text) ? Type::cron : Type::interval;
    if (Once::claims(text)) return cron_of_phrase(text) ? Type::cron : Type::clocked;
    return Solar::claims(text) ? Type::solar : Type::cron;
}

bool is_control(char c) { return (c >= 0 && c < 0x20 && c != '\t') || c == 0x7F; }

std::optional<sys_seconds> first_in_utc(const Cron& cron, sys_seconds from) {
    const auto match = cron.at_or_after(std::chrono::local_seconds{from.time_since_epoch()});
    if (!match) return std::nullopt;
    return sys_seconds{match->time_since_epoch()};
}

std::optional<sys_seconds> first_of(const Cron& cron, const Zone* zone, sys_seconds from) {
    return zone ? first_at_or_after(cron, *zone, from) : first_in_utc(cron, from);
}

}  // namespace

Schedule::Schedule() = default;

Parsed<Schedule> Schedule::parse(std::string_view text, const Options& options) {
    auto schedule = read(text, options);
    if (schedule || schedule.error().suggest) return schedule;
    schedule.error().suggest = suggestion_for(text, [&](const Suggestion& meant) {
        if (options.zones && !meant.timezone.empty() && !options.zones->find(meant.timezone))
            return false;
        auto as_meant = options;
        if (meant.type) as_meant.type = meant.type;
        return read(meant.schedule, as_meant).has_value();
    });
    return schedule;
}

Parsed<Schedule> Schedule::read(std::string_view text, const Options& options) {
    Parsed<Schedule> schedule;
    if (options.zone && !options.zone->is_utc()) schedule->zone_ = options.zone;
    schedule->keep_to(options.window);
    auto done = schedule->read_as(options.type ? *options.type : type_of(text), text, options);
    if (done) return schedule;
    // Whatever else may be wrong with such a text, this is what one cannot see.
    if (std::ranges::any_of(text, is_control))
        done.error() = {.code = "bad-character", .message = "control characters are not allowed"};
    return std::unexpected(std::move(done.error()));
}

Parsed<void> Schedule::read_as(Type type, std::string_view text, const Options& options) {
    const auto keep = [&](auto&& parsed) -> Parsed<void> {
        if (!parsed) return std::unexpected(std::move(parsed.error()));
        rule_ = *parsed;
        return {};
    };
    const bool declared = options.type.has_value();
    switch (type) {
        case Type::cron: return read_cron(text, options);
        case Type::interval:
            return keep(Every::parse(text, declared,
                                     std::clamp(floor<seconds>(options.anchor), kFirst, kLast),
                                     zone_.get()));
        case Type::clocked: return keep(Once::parse(text, declared, zone_.get()));
        case Type::solar: return keep(Solar::parse(text));
        case Type::manual: break;
    }
    if (trimmed(text).empty()) return {};
    return std::unexpected(Refusal{.code = "not-empty",
                                   .message = "a job that runs by hand only has no schedule",
                                   .hint = "leave the schedule empty or choose another type"});
}

Parsed<void> Schedule::read_cron(std::string_view text, const Options& options) {
    auto cron = Cron::parse(text, options.day_match, options.hash_key, options.clock);
    if (cron) {
        rule_ = *cron;
        return {};
    }
    // Everything else that is right begins with a refusal, too.
    if (same_word(trimmed(text), "@reboot")) {
        rule_ = AtStart{};
        return {};
    }
    if (const auto expression = cron_of_phrase(text)) return read_cron(*expression, options);
    const auto entries = entries_of(text);
    if (entries.size() == 1) return std::unexpected(std::move(cron.error()));
    std::vector<Cron> list;
    for (const auto entry : entries) {
        cron = Cron::parse_entry(text, entry, options.day_match, options.hash_key, options.clock);
        if (!cron) return std::unexpected(std::move(cron.error()));
        list.push_back(*cron);
    }
    rule_ = std::make_shared<const std::vector<Cron>>(std::move(list));
    return {};
}

Type Schedule::type() const {
    if (std::holds_alternative<std::monostate>(rule_)) return Type::manual;
    if (std::holds_alternative<Every>(rule_)) return Type::interval;
    if (std::holds_alternative<Once>(rule_)) return Type::clocked;
    return std::holds_alternative<Solar>(rule_) ? Type::solar : Type::cron;
}

std::optional<Instant> Schedule::next_after(Instant after) const {
    if (after >= last_) return std::nullopt;
    // Whole seconds: the first candidate is the next one that begins. What is divided is positive.
    const auto passed = static_cast<std::uint64_t>((std::max(after, before_) - kBefore).count());
    const auto from = kFirst + seconds{passed / 1'000'000};
    const auto next = zone_ ? first_in(*zone_, from) : first_in_utc(from);
    if (!next || *next > last_) return std::nullopt;
    return *next;
}

inline std::optional<sys_seconds> Schedule::first_in(const Zone& zone, sys_seconds from) const {
    if (const auto* cron = std::get_if<Cron>(&rule_)) return first_at_or_after(*cron, zone, from);
    return first_of_others(from);
}

inline std::optional<sys_seconds> Schedule::first_in_utc(sys_seconds from) const {
    if (const auto* cron = std::get_if<Cron>(&rule_)) return schedule::first_in_utc(*cron, from);
    return first_of_others(from);
}

std::optional<sys_seconds> Schedule::first_of_others(sys_seconds from) const {
    if (const auto* every = std::get_if<Every>(&rule_)) return every->at_or_after(from);
    if (const auto* once = std::get_if<Once>(&rule_)) return once->at_or_after(from);
    if (const auto* solar = std::get_if<Solar>(&rule_)) return solar->at_or_after(from);
    std::optional<sys_seconds> next;
    if (const auto* list = std::get_if<List>(&rule_))
        for (const auto& entry : **list) {
            const auto at = first_of(entry, zone_.get(), from);
            if (at && (!next || *at < *next)) next = at;
        }
    return next;
}

void Schedule::keep_to(const Window& window) {
    constexpr std::chrono::microseconds kLeast{1};
    if (window.start > kBefore) before_ = std::min<Instant>(window.start, kLast) - kLeast;
    if (window.end <= kLast) last_ = floor<seconds>(std::max<Instant>(window.end, kFirst) - kLeast);
}

// ", from 2027-01-01 at 00:00 until 2028-01-01 at 00:00"
std::string Schedule::words_of_window() const {
    const auto words = [&](std::string_view begin, sys_seconds at) {
        const auto offset = zone_ ? zone_->offset_at(at) : seconds{0};
        const std::chrono::local_seconds wall{at.time_since_epoch() + offset};
        return std::string(begin) + date_of(wall) + " at " + clock_of(wall);
    };
    std::string both;
    if (before_ != kBefore) both = words(" from ", std::chrono::ceil<seconds>(before_));
    if (last_ != kLast) both += words(" until ", last_ + seconds{1});
    return both.empty() ? both : "," + both;
}

std::string Schedule::words() const {
    const auto in_zone = zone_ ? ", in " + zone_->name() : "";
    const auto window = words_of_window();
    const auto in_window = window.empty() ? "" : window + in_zone;  // its times are local ones
    if (const auto* cron = std::get_if<Cron>(&rule_)) return words_of(*cron) + window + in_zone;
    if (const auto* every = std::get_if<Every>(&rule_)) return words_of(*every) + in_window;
    if (const auto* once = std::get_if<Once>(&rule_))
        return words_of(*once, zone_ ? zone_->offset_at(once->at()) : seconds{0}) + window +
               in_zone;
    if (const auto* solar = std::get_if<Solar>(&rule_)) return words_of(*solar) + in_window;
    if (is_at_start()) return "Once, when the server starts" + in_window;
    if (const auto* list = std::get_if<List>(&rule_)) {
        std::string words;
        for (const auto& entry : **list) words += (words.empty() ? "" : "; ") + words_of(entry);
        return words + window + in_zone;
    }
    return "By hand only";
}

}  // namespace cjv::schedule

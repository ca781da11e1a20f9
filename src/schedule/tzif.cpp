#include "schedule/tzif.h"

#include "schedule/civil.h"
#include "schedule/posix_rule.h"

#include <cstdint>
#include <optional>
#include <string>

namespace cjv::schedule {
namespace {

using std::chrono::local_seconds;
using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr std::size_t kHeader = 44;
constexpr std::uint32_t kMostChanges = 10'000;  // the longest real file has 250
constexpr seconds kLargestOffset = std::chrono::hours{26};

struct Counts {
    std::uint32_t is_utc, is_standard, leaps, changes, types, names;

    std::size_t body(std::size_t time_size) const {
        return changes * (time_size + 1) + types * std::size_t{6} + names +
               leaps * (time_size + 4) + is_standard + is_utc;
    }
};

// Numbers are big-endian.
std::uint64_t number(std::string_view bytes, std::size_t at, std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i)
        value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    return value;
}

// The header at the front of `bytes`; the version must be 2 or later.
std::optional<Counts> counts(std::string_view bytes) {
    if (bytes.size() < kHeader || !bytes.starts_with("TZif") || bytes[4] < '2') return std::nullopt;
    const auto count = [&](std::size_t place) {
        return static_cast<std::uint32_t>(number(bytes, 20 + 4 * place, 4));
    };
    return Counts{count(0), count(1), count(2), count(3), count(4), count(5)};
}

sys_seconds instant(local_seconds wall, seconds offset) {
    return sys_seconds{wall.time_since_epoch() - offset};
}

// Adds a change, unless it changes nothing. Of two at one instant the later rules.
void append(OffsetHistory& history, sys_seconds at, seconds offset) {
    auto& changes = history.changes;
    if (!changes.empty() && changes.back().at == at) changes.pop_back();
    if (offset != (changes.empty() ? history.first_offset : changes.back().offset))
        changes.push_back({at, offset});
}

// The rule in years: the two years after the last listed change, where it takes over, and the 400
// that then repeat for ever.
void extend(OffsetHistory& history, const PosixRule& rule, sys_seconds last_listed) {
    if (!rule.summer) {
        append(history, last_listed, rule.standard);
        return;
    }
    const auto& [summer, begins, ends] = *rule.summer;
    const auto days = std::chrono::floor<std::chrono::days>(last_listed).time_since_epoch().count();
    const auto first_year = civil_from_days(static_cast<std::int32_t>(days)).year;
    const auto end_year = first_year + 2 + 400;
    history.until = sys_seconds{seconds{days_from_civil(end_year, 1, 1) * kDaySeconds}};
    for (auto year = first_year; year <= end_year; ++year) {
        const OffsetChange spring{instant(begins.in(year), rule.standard), summer};
        const OffsetChange autumn{instant(ends.in(year), summer), rule.standard};
        const bool north = spring.at < autumn.at;
        for (const auto& change : {north ? spring : autumn, north ? autumn : spring})
            if (change.at > last_listed && change.at < history.until)
                append(history, change.at, change.offset);
    }
}

}  // namespace

Result<OffsetHistory> read_tzif(std::string_view bytes) {
    const auto corrupt = [](const char* what) {
        return fail(Errc::corrupt, std::string("zone file: ") + what);
    };
    const auto old = counts(bytes);
    if (!old) return corrupt("not TZif of version 2 or later");
    if (bytes.size() - kHeader < old->body(4)) return corrupt("cut short");
    bytes.remove_prefix(kHeader + old->body(4));
    const auto now = counts(bytes);
    if (!now) return corrupt("without its second header");
    if (bytes.size() - kHeader < now->body(8)) return corrupt("cut short");
    bytes.remove_prefix(kHeader);
    if (now->types == 0 || now->changes > kMostChanges) return corrupt("impossible counts");
    if (now->leaps != 0) return corrupt("counts leap seconds");

    const std::size_t types_at = now->changes * std::size_t{9};
    const auto offset = [&](std::size_t type) {
        return seconds{static_cast<std::int32_t>(number(bytes, types_at + 6 * type, 4))};
    };
    for (std::size_t type = 0; type < now->types; ++type)
        if (abs(offset(type)) > kLargestOffset) return corrupt("an offset of more than 26 hours");

    OffsetHistory history;
    history.first_offset = offset(0);
    // Files may open with a change at the beginning of time; what lies before the year 1 is not
    // kept.
    const sys_seconds earliest{seconds{days_from_civil(1, 1, 1) * kDaySeconds}};
    const sys_seconds latest{seconds{days_from_civil(9'000, 1, 1) * kDaySeconds}};
    sys_seconds last = earliest;
    for (std::size_t i = 0; i < now->changes; ++i) {
        const sys_seconds at{seconds{static_cast<std::int64_t>(number(bytes, 8 * i, 8))}};
        const auto type = number(bytes, now->changes * std::size_t{8} + i, 1);
        if (type >= now->types) return corrupt("a change to a type that is not there");
        if (at > latest || (i > 0 && at <= last && at > earliest))
            return corrupt("changes out of order");
        if (at <= earliest)
            history.first_offset = offset(type);
        else
            append(history, last = at, offset(type));
    }

    auto footer = bytes.substr(now->body(8));
    if (footer.size() < 2 || footer.front() != '\n' || footer.back() != '\n')
        return corrupt("without its footer");
    footer = footer.substr(1, footer.size() - 2);
    if (footer.empty()) return history;
    const auto rule = parse_posix_rule(footer);
    if (!rule) return corrupt("a footer that is no rule");
    extend(history, *rule, last);
    return history;
}

}  // namespace cjv::schedule

#include "schedule/zone.h"

#include "schedule/civil.h"
#include "schedule/cron.h"

#include <algorithm>

namespace cjv::schedule {
namespace {

using std::chrono::floor;
using std::chrono::hours;
using std::chrono::local_seconds;
using std::chrono::seconds;
using std::chrono::sys_seconds;

// After everything that an Instant can say.
constexpr sys_seconds kEnd{seconds{1'000'000'000'000'000}};

constexpr seconds kCycle{kDaysIn400Years * kDaySeconds};
constexpr int kBucketBits = 21;  // 24 days: a bucket has hardly ever more than one change
constexpr seconds kLargestOffset = hours{26};
constexpr seconds kSearch = hours{24 * 366 * 41};

local_seconds wall(sys_seconds at, seconds offset) {
    return local_seconds{at.time_since_epoch() + offset};
}
sys_seconds instant(local_seconds wall, seconds offset) {
    return sys_seconds{wall.time_since_epoch() - offset};
}
local_seconds wall_end(const Zone::Span& span) { return wall(span.until, span.offset); }

std::optional<sys_seconds> first_of_wildcard(const Cron& cron, const Zone& zone, sys_seconds from) {
    const auto limit = from + kSearch;
    auto span = zone.span_at(from);
    auto match = cron.at_or_after(wall(from, span.offset));
    while (match && instant(*match, span.offset) >= span.until) {
        const auto change = span.until;
        if (change > limit) return std::nullopt;
        const auto before = span.offset;
        span = zone.span_at(change);
        // A match may lie in what is repeated, however far away the last one was; after a jump
        // forward the same match stands, unless it was skipped.
        const auto now = wall(change, span.offset);
        if (span.offset < before || *match < now) match = cron.at_or_after(now);
    }
    if (!match) return std::nullopt;
    return instant(*match, span.offset);
}

std::optional<sys_seconds> first_of_fixed(const Cron& cron, const Zone& zone, sys_seconds from) {
    auto span = zone.span_at(from);
    const auto limit = wall(from, span.offset) + kSearch;
    auto start = from == span.from ? span.resume : std::max(wall(from, span.offset), span.resume);
    for (;;) {
        const auto match = cron.at_or_after(start);
        if (!match || *match > limit) return std::nullopt;
        if (*match >= wall_end(span)) span = zone.span_reaching(*match, span.offset);
        if (*match >= span.resume) return std::max(span.from, instant(*match, span.offset));
        start = span.resume;  // it was in a long jump
    }
}

// The same for a job with choices of its own. Span by span: each fires while its wall clock goes
// from `opens` to `closes`.
std::optional<sys_seconds> first_by_choice(const Cron& cron, const Zone& zone, sys_seconds from) {
    const auto [gap, fold] = cron.clock_rule();
    const auto limit = from + kSearch;
    for (auto span = zone.span_at(from); span.from < limit; span = zone.span_at(span.until)) {
        const auto begin = wall(span.from, span.offset);
        const auto next = zone.span_at(span.until);
        const auto end = wall_end(span), next_begin = wall(next.from, next.offset);
        auto opens = begin;
        if (span.resume < begin && gap == Gap::after_gap) opens = span.resume;
        if (span.resume > begin && fold == Fold::first) opens = span.resume;
        const auto closes = fold == Fold::second ? std::min(end, next_begin) : end;
        const auto start = from <= span.from ? opens : std::max(wall(from, span.offset), opens);
        const auto match = cron.at_or_after(start);
        if (!match) return std::nullopt;
        if (*match < closes) return std::max(span.from, instant(*match, span.offset));
    }
    return std::nullopt;
}

}  // namespace

Zone::Zone(std::string name, const OffsetHistory& history)
    : name_(std::move(name)), until_(history.until == sys_seconds{} ? kEnd : history.until) {
    spans_.reserve(history.changes.size() + 1);
    spans_.push_back(
        {kBeginning, until_, history.first_offset, wall(kBeginning, history.first_offset)});
    auto highest = spans_.front().resume;  // what a wall clock has shown so far
    for (const auto& change : history.changes) {
        auto& before = spans_.back();
        before.until = change.at;
        highest = std::max(highest, wall_end(before));
        const auto start = wall(change.at, change.offset);
        const bool catches_up = change.offset - before.offset < kLongestCatchUp;
        spans_.push_back(
            {change.at, until_, change.offset, catches_up ? highest : std::max(start, highest)});
    }
    const auto last = spans_.back().from.time_since_epoch().count();
    for (std::int64_t bucket = 0; bucket <= last >> kBucketBits; ++bucket) {
        const sys_seconds begin{seconds{bucket << kBucketBits}};
        const auto after = std::ranges::upper_bound(spans_, begin, {}, &Span::from);
        buckets_.push_back(static_cast<std::uint16_t>(after - spans_.begin() - 1));
    }
}

std::shared_ptr<const Zone> Zone::utc() {
    return std::shared_ptr<const Zone>(new Zone("UTC", OffsetHistory{}));
}

Result<std::shared_ptr<const Zone>> Zone::read(std::string name, std::string_view bytes) {
    auto history = read_tzif(bytes);
    if (!history) return fail(std::move(history.error()), name);
    return std::shared_ptr<const Zone>(new Zone(std::move(name), *history));
}

std::size_t Zone::place_of(sys_seconds at) const {
    const auto since_epoch = at.time_since_epoch().count();
    if (since_epoch < 0) {
        const auto after = std::ranges::upper_bound(spans_, at, {}, &Span::from);
        return static_cast<std::size_t>(after - spans_.begin() - 1);
    }
    const auto bucket = static_cast<std::size_t>(since_epoch >> kBucketBits);
    if (bucket >= buckets_.size()) return spans_.size() - 1;
    std::size_t place = buckets_[bucket];
    place += at >= spans_[place].until;  // as often as not: an addition, no branch
    while (at >= spans_[place].until) ++place;
    return place;
}

Zone::Span Zone::span_at(sys_seconds at) const {
    if (at < until_) return spans_[place_of(at)];
    const auto shift = ((at - until_) / kCycle + 1) * kCycle;
    auto span = spans_[place_of(at - shift)];
    span.from += shift;
    span.until += shift;
    span.resume += shift;
    return span;
}

Zone::Span Zone::span_reaching(local_seconds wall, seconds offset) const {
    // No clock has shown `wall` before a span that goes on from it or earlier.
    auto span = span_at(instant(wall, offset));
    if (span.resume <= wall && wall < wall_end(span)) return span;
    span = span_at(instant(wall, kLargestOffset));
    while (wall_end(span) <= wall) span = span_at(span.until);
    return span;
}

Instant Zone::instant_of(local_seconds wall) const {
    const auto span = span_reaching(wall, seconds{0});
    return std::max(span.from, instant(wall, span.offset));
}

seconds Zone::offset_at(Instant at) const { return span_at(floor<seconds>(at)).offset; }

Instant Zone::local_midnight(Instant at) const {
    const auto second = floor<seconds>(at);
    return instant_of(floor<std::chrono::days>(wall(second, span_at(second).offset)));
}

std::optional<sys_seconds> first_at_or_after(const Cron& cron, const Zone& zone, sys_seconds from) {
    if (cron.wildcard()) return first_of_wildcard(cron, zone, from);
    if (cron.clock_rule() == ClockRule{}) return first_of_fixed(cron, zone, from);
    return first_by_choice(cron, zone, from);
}

}  // namespace cjv::schedule

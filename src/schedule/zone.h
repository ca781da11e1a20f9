#pragma once
// Wall clock ↔ instant: one IANA zone, and what a change of its offset does to cron jobs. Where
// zones come from is zones.h's business.
//
// A zone is a row of spans with one offset each; where two meet, the wall clock jumps. The rule is
// ISC cron's, kept by all changes of the offset, daylight saving or not:
// - a wildcard job (Cron::wildcard) matches at every instant whose wall clock matches: not at all in
//   an hour that is skipped, in both passes of one that is repeated;
// - any other job matches each wall clock time once, when it first comes. One that is skipped by a
//   jump of less than three hours matches right after it, together with its neighbours there. A job
//   may choose otherwise (ClockRule).

#include "base/clock.h"
#include "base/error.h"
#include "schedule/tzif.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cjv::schedule {

class Cron;

class Zone {
public:
    // Where the first span begins: before everything that an Instant can say.
    static constexpr std::chrono::sys_seconds kBeginning{
        std::chrono::seconds{-1'000'000'000'000'000}};
    // A longer jump forward is a correction of the calendar (a day left out): nothing is caught up.
    static constexpr std::chrono::hours kLongestCatchUp{3};

    struct Span {
        std::chrono::sys_seconds from, until;
        std::chrono::seconds offset;
        // The wall clock time from which jobs that are no wildcard go on: later than the span's
        // first one after a backward jump, earlier after a short forward one.
        std::chrono::local_seconds resume;
    };

    static std::shared_ptr<const Zone> utc();
    // From the bytes of a zone file; Errc::corrupt says what is wrong with them.
    static Result<std::shared_ptr<const Zone>> read(std::string name, std::string_view bytes);

    const std::string& name() const { return name_; }
    bool is_utc() const { return spans_.size() == 1 && spans_[0].offset.count() == 0; }

    // East of Greenwich.
    std::chrono::seconds offset_at(Instant at) const;
    // When the local day that `at` lies in began: its midnight, or the first instant after it where
    // midnight was skipped; of two midnights the first.
    Instant local_midnight(Instant at) const;

    // When a wall clock first shows this, or first shows more where it is skipped.
    Instant instant_of(std::chrono::local_seconds wall) const;

    Span span_at(std::chrono::sys_seconds at) const;
    // The first span whose wall clock goes beyond `wall`; found at once where `offset` is right.
    Span span_reaching(std::chrono::local_seconds wall, std::chrono::seconds offset) const;

private:
    Zone(std::string name, const OffsetHistory& history);

    std::size_t place_of(std::chrono::sys_seconds at) const;

    std::string name_;
    std::vector<Span> spans_;             // the first begins at the beginning of time
    std::vector<std::uint16_t> buckets_;  // the span at the beginning of each 2^21 s since 1970
    std::chrono::sys_seconds until_;      // from here on it repeats, see OffsetHistory
};

// The first match of `cron` at or after `from` (in the years 1 to 9999) by the rule above. Nothing
// when the next 41 years have none.
std::optional<std::chrono::sys_seconds> first_at_or_after(const Cron& cron, const Zone& zone,
                                                          std::chrono::sys_seconds from);

}  // namespace cjv::schedule

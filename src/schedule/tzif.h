#pragma once
// The bytes of a zone file (RFC 8536, version 2 and later, its footer included) become a list of
// changes of the offset. What wall clocks make of them is zone.h's business; reading files is
// nobody's here.

#include "base/error.h"

#include <chrono>
#include <string_view>
#include <vector>

namespace cjv::schedule {

struct OffsetChange {
    std::chrono::sys_seconds at;
    std::chrono::seconds offset;  // east of Greenwich, from then on
};

// The offsets of a zone for all times: from `until` on they repeat those of 400 years before,
// because the calendar does (146,097 days, a whole number of weeks). Without changes `until` is the
// epoch.
struct OffsetHistory {
    std::chrono::seconds first_offset{};  // before the first change
    std::vector<OffsetChange> changes;    // ascending; each differs from the one before
    std::chrono::sys_seconds until{};
};

// Errc::corrupt says what is wrong with the bytes.
Result<OffsetHistory> read_tzif(std::string_view bytes);

}  // namespace cjv::schedule

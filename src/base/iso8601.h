#pragma once
// Instants as text: ISO 8601 in UTC. What a time zone makes of them is schedule/zone's business.

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace cjv {

// "2026-12-01T02:00:00Z", with up to six fraction digits where they are not zero.
std::string to_iso8601(Instant at);
void append_iso8601(std::string& out, Instant at);
// The same wall clock moved by `offset`: "2026-12-01T03:00:00+01:00".
std::string to_iso8601(Instant at, std::chrono::seconds offset);

// Takes a date, or date and time with `T` or a blank, with up to nine fraction digits (cut to six) and
// with `Z` or an offset. Without either the time counts as UTC. Nothing when it is not one.
std::optional<Instant> parse_iso8601(std::string_view text);
// Whether a text that parse_iso8601 takes has `Z` or an offset.
bool has_offset(std::string_view iso8601);

}  // namespace cjv

#pragma once
// Texts as Python writes them: what its json.dumps, datetime.isoformat() and repr() give.

#include "base/clock.h"

#include <string>
#include <string_view>

namespace cjv::celery {

// A JSON string with its quotes, all of it ASCII: "Gr\u00fc\u00dfe". Bytes that are not UTF-8
// become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

// "2026-11-23T18:08:57.500000+00:00": six fraction digits, or none where they are all zero. Workers
// before Celery 5.3.5 read any other number of digits wrong. `at` lies in the years 1 to 9999.
void append_isoformat(std::string& out, Instant at);
std::string isoformat(Instant at);
bool has_isoformat(Instant at);

// repr() of a float: "1.0", "1e+16", "inf".
void append_float(std::string& out, double number);

// Seconds since 1970 as Python's time.time() gives them, and back to whole microseconds. Nothing
// for what is no number or lies outside the years 1970 to 9999.
double unix_seconds(Instant at);
bool read_unix_seconds(double seconds, Instant& at);

}  // namespace cjv::celery

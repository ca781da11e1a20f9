#pragma once
// Wall clock times, and lengths of time, as people write them.

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace cjv::schedule {

std::string two_digits(unsigned value);
// "2026-03-29"
std::string date_of(std::chrono::local_seconds wall);
// "02:30"; with the seconds where there are any.
std::string clock_of(std::chrono::local_seconds wall);
// "1h30m", "45s", "2d": as intervals are written, too.
std::string length_of(std::chrono::seconds length);
// "a", "a and b", "a, b and c"
std::string listed(const std::vector<std::string>& words, std::string_view last = " and ");

}  // namespace cjv::schedule

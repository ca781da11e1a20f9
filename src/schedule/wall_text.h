#pragma once
// Wall clock times as people write them.

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
// "a", "a and b", "a, b and c"
std::string listed(const std::vector<std::string>& words, std::string_view last = " and ");

}  // namespace cjv::schedule

#include "schedule/wall_text.h"

#include <array>
#include <cstdint>
#include <utility>

namespace cjv::schedule {

using std::chrono::days;

std::string two_digits(unsigned value) { return (value < 10 ? "0" : "") + std::to_string(value); }

std::string date_of(std::chrono::local_seconds wall) {
    const std::chrono::year_month_day date{std::chrono::floor<days>(wall)};
    return std::to_string(int(date.year())) + "-" + two_digits(unsigned(date.month())) + "-" +
           two_digits(unsigned(date.day()));
}

std::string clock_of(std::chrono::local_seconds wall) {
    const auto of_day = static_cast<unsigned>((wall - std::chrono::floor<days>(wall)).count());
    const auto minutes = two_digits(of_day / 3'600) + ":" + two_digits(of_day / 60 % 60);
    return of_day % 60 == 0 ? minutes : minutes + ":" + two_digits(of_day % 60);
}

std::string length_of(std::chrono::seconds length) {
    constexpr std::array<std::pair<std::int64_t, char>, 4> kUnits = {
        {{86'400, 'd'}, {3'600, 'h'}, {60, 'm'}, {1, 's'}}};
    std::string text;
    auto left = length.count();
    for (const auto& [seconds, unit] : kUnits) {
        if (const auto whole = left / seconds; whole != 0) text += std::to_string(whole) + unit;
        left %= seconds;
    }
    return text.empty() ? "0s" : text;
}

std::string listed(const std::vector<std::string>& words, std::string_view last) {
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) text += i + 1 == words.size() ? last : ", ";
        text += words[i];
    }
    return text;
}

}  // namespace cjv::schedule

#include "schedule/quartz.h"

#include <array>

namespace cjv::schedule {

std::optional<std::string> from_quartz_weekdays(std::string_view field) {
    constexpr std::array<std::string_view, 7> names = {"SUN", "MON", "TUE", "WED",
                                                       "THU", "FRI", "SAT"};
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    std::string text;
    bool counts = false;  // behind '#' or '/', up to the end of the number
    for (std::size_t i = 0; i < field.size(); ++i) {
        if (!is_digit(field[i])) counts = field[i] == '#' || field[i] == '/';
        if (!is_digit(field[i]) || counts) {
            text += field[i];
            continue;
        }
        const bool one_digit = i + 1 == field.size() || !is_digit(field[i + 1]);
        if (!one_digit || field[i] < '1' || field[i] > '7') return std::nullopt;
        text += names[static_cast<std::size_t>(field[i] - '1')];
    }
    return text;
}

}  // namespace cjv::schedule

#pragma once
// A cron expression drawn from bytes: its text, and what it means, made at the same time and by nothing that the
// engine has.

#include <chrono>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace cjv::fuzz {

class Bytes {
public:
    Bytes(const std::uint8_t* data, std::size_t size) : data_(data), left_(size) {}
    // 0 to sides - 1; 0 where the bytes have ended.
    int roll(int sides) {
        unsigned value = 0;
        for (int i = 0; i < (sides > 256 ? 4 : 1) && left_ > 0; ++i, --left_)
            value = value << 8 | *data_++;
        return static_cast<int>(value % static_cast<unsigned>(sides));
    }
    int between(int low, int high) { return low + roll(high - low + 1); }
    bool one_in(int n) { return roll(n) == 0; }

private:
    const std::uint8_t* data_;
    std::size_t left_;
};

using Date = std::chrono::year_month_day;
using DateRule = std::function<bool(Date)>;

struct Drawn {
    std::string text;
    std::set<int> seconds = {0}, minutes, hours, months;
    std::vector<DateRule> days, weekdays;
    bool both = false;      // a date must match both day fields
    bool wildcard = false;  // the second, minute or hour field begins with '*'

    bool matches(Date date) const;
};

// `both`: the day match that is asked.
Drawn draw(Bytes& bytes, bool both);

}  // namespace cjv::fuzz

#pragma once
// One point in time: "at 2027-01-31T09:00".

#include "schedule/refusal.h"

#include <chrono>
#include <optional>
#include <string_view>

namespace cjv::schedule {

class Zone;

class Once {
public:
    // An ISO 8601 time, with "at" in front or (`bare`) without. With an offset it is that instant;
    // without one, when a clock of `zone` (null: UTC) first shows it, or first shows more where the
    // clock skips it. Whole seconds of the years 1 to 9999.
    static Parsed<Once> parse(std::string_view text, bool bare, const Zone* zone);

    // Whether the text claims to be a point in time: it begins with "at".
    static bool claims(std::string_view text);

    std::chrono::sys_seconds at() const { return at_; }
    std::optional<std::chrono::sys_seconds> at_or_after(std::chrono::sys_seconds from) const {
        return at_ >= from ? std::optional(at_) : std::nullopt;
    }

private:
    explicit Once(std::chrono::sys_seconds at) : at_(at) {}

    std::chrono::sys_seconds at_;
};

}  // namespace cjv::schedule

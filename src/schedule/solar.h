#pragma once
// What the sun does at a place: "sunset 52.52 13.405 -30". The formulas are those of the NOAA solar
// calculator (Meeus, "Astronomical Algorithms", low precision): within seconds below 65 degrees of
// latitude, and less exact where a polar day or night begins or ends.

#include "schedule/refusal.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace cjv::schedule {

// Named as in Celery.
inline constexpr std::array<std::string_view, 9> kSolarEvents = {
    "dawn_astronomical", "dawn_nautical", "dawn_civil",       "sunrise", "solar_noon", "sunset",
    "dusk_civil",        "dusk_nautical", "dusk_astronomical"};

class Solar {
public:
    // Event, latitude, longitude (degrees; north and east are positive) and, if wanted, minutes
    // with their sign. Refuses an event that this place never has.
    static Parsed<Solar> parse(std::string_view text);
    // Whether the text begins with an event's name.
    static bool claims(std::string_view text);

    // The first at or after `from`, to the second. Days without the event are passed over; nothing
    // when no day of a year has it.
    std::optional<std::chrono::sys_seconds> at_or_after(std::chrono::sys_seconds from) const;

    std::string_view event() const { return kSolarEvents[event_]; }
    double latitude() const { return latitude_; }
    double longitude() const { return longitude_; }
    std::chrono::minutes offset() const { return offset_; }

private:
    Solar(unsigned event, double latitude, double longitude, std::chrono::minutes offset)
        : event_(event), latitude_(latitude), longitude_(longitude), offset_(offset) {}

    std::optional<std::chrono::sys_seconds> of_day(std::int64_t day) const;

    unsigned event_;  // place in kSolarEvents
    double latitude_, longitude_;
    std::chrono::minutes offset_;
};

}  // namespace cjv::schedule

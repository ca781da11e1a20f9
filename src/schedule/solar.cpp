#include "schedule/solar.h"

#include "schedule/civil.h"
#include "schedule/entries.h"
#include "schedule/names.h"
#include "schedule/utf8.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numbers>
#include <string>

namespace cjv::schedule {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr double kDegree = std::numbers::pi / 180;
constexpr std::int64_t kYear = 366;
constexpr minutes kLargestOffset{24 * 60};
constexpr unsigned kNoon = 4;

// How far below the horizon the middle of the sun is: refraction and the sun's radius make 50'.
constexpr std::array<double, 9> kDepths = {18, 12, 6, 5.0 / 6, 0, 5.0 / 6, 6, 12, 18};

struct Sun {
    double declination;  // radians
    double clock_ahead;  // the equation of time, in seconds: how far a sundial is ahead
};

Sun sun_at(double since_epoch) {
    constexpr double kJ2000 = 946'728'000;  // 2000-01-01T12:00Z
    constexpr double kCentury = 36'525.0 * kDaySeconds;
    const double t = (since_epoch - kJ2000) / kCentury;
    const double mean_longitude = (280.46646 + t * (36'000.76983 + t * 0.0003032)) * kDegree;
    const double anomaly = (357.52911 + t * (35'999.05029 - t * 0.0001537)) * kDegree;
    const double eccentricity = 0.016708634 - t * (0.000042037 + t * 0.0000001267);
    const double center = std::sin(anomaly) * (1.914602 - t * (0.004817 + t * 0.000014)) +
                          std::sin(2 * anomaly) * (0.019993 - t * 0.000101) +
                          std::sin(3 * anomaly) * 0.000289;
    const double node = (125.04 - 1'934.136 * t) * kDegree;
    const double longitude =
        mean_longitude + (center - 0.00569 - 0.00478 * std::sin(node)) * kDegree;
    const double mean_obliquity =
        23 + (26 + (21.448 - t * (46.815 + t * (0.00059 - t * 0.001813))) / 60) / 60;
    const double obliquity = (mean_obliquity + 0.00256 * std::cos(node)) * kDegree;

    const double y = std::pow(std::tan(obliquity / 2), 2);
    const double equation =
        y * std::sin(2 * mean_longitude) - 2 * eccentricity * std::sin(anomaly) +
        4 * eccentricity * y * std::sin(anomaly) * std::cos(2 * mean_longitude) -
        y * y / 2 * std::sin(4 * mean_longitude) -
        1.25 * eccentricity * eccentricity * std::sin(2 * anomaly);
    return {std::asin(std::sin(obliquity) * std::sin(longitude)),
            equation / (2 * std::numbers::pi) * kDaySeconds};
}

// The cosine of the hour angle at which the sun is that deep; beyond 1 it never is on that day.
double cosine_of_hour_angle(double depth, double latitude, double declination) {
    return (std::sin(-depth * kDegree) - std::sin(latitude) * std::sin(declination)) /
           (std::cos(latitude) * std::cos(declination));
}

bool read_number(std::string_view word, double& value) {
    if (word.starts_with('+')) word.remove_prefix(1);
    const auto* end = word.data() + word.size();
    const auto [at, error] = std::from_chars(word.data(), end, value, std::chars_format::fixed);
    return error == std::errc{} && at == end && std::isfinite(value);
}

std::optional<unsigned> event_of(std::string_view word) {
    const auto at =
        std::ranges::find_if(kSolarEvents, [&](auto event) { return same_word(event, word); });
    if (at == kSolarEvents.end()) return std::nullopt;
    return static_cast<unsigned>(at - kSolarEvents.begin());
}

}  // namespace

bool Solar::claims(std::string_view text) {
    text = trimmed(text);
    return event_of(text.substr(0, text.find_first_of(" \t"))).has_value();
}

Parsed<Solar> Solar::parse(std::string_view text) {
    std::array<std::string_view, 8> words;
    const auto count = split(text, words);
    const auto refuse = [&](std::string_view piece, std::string_view code, std::string message) {
        return std::unexpected(
            Refusal{.column = piece.empty() ? 0 : column_of(text, piece),
                    .code = std::string(code),
                    .message = std::move(message),
                    .hint = "write sunset 52.52 13.405, or sunset 52.52 13.405 -30"});
    };
    if (count == 0) return refuse({}, "empty", "the solar event is empty");
    const auto event = event_of(words[0]);
    if (!event) return refuse(words[0], "bad-solar", "unknown solar event " + quoted(words[0]));
    if (count != 3 && count != 4)
        return refuse({}, "bad-solar", "an event needs a latitude and a longitude");
    double latitude = 0, longitude = 0;
    if (!read_number(words[1], latitude) || std::abs(latitude) > 90)
        return refuse(words[1], "out-of-range",
                      "latitude " + quoted(words[1]) + " is no number from -90 to 90");
    if (!read_number(words[2], longitude) || std::abs(longitude) > 180)
        return refuse(words[2], "out-of-range",
                      "longitude " + quoted(words[2]) + " is no number from -180 to 180");
    minutes offset{0};
    if (count == 4) {
        double value = 0;
        const bool signed_number = words[3][0] == '+' || words[3][0] == '-';
        if (!signed_number || words[3].find('.') != std::string_view::npos ||
            !read_number(words[3], value) || std::abs(value) > kLargestOffset.count())
            return refuse(words[3], "out-of-range",
                          quoted(words[3]) + " is no number of minutes from -1440 to +1440");
        offset = minutes{static_cast<int>(value)};
    }
    Solar solar(*event, latitude, longitude, offset);
    if (!solar.at_or_after(sys_seconds{}))
        return refuse({}, "never-fires", "this place never has a " + std::string(solar.event()));
    return solar;
}

// The event of the solar day whose noon lies about 12:00 of `day` by the sun of that longitude.
std::optional<sys_seconds> Solar::of_day(std::int64_t day) const {
    constexpr int kRounds = 6;  // each brings the declination nearer to that of the event itself
    const double mean_noon =
        static_cast<double>(day * kDaySeconds) + kDaySeconds / 2.0 - longitude_ / 360 * kDaySeconds;
    const double latitude = latitude_ * kDegree;
    double at = mean_noon;
    double cosine = 0;
    for (int round = 0; round < kRounds; ++round) {
        const auto sun = sun_at(at);
        at = mean_noon - sun.clock_ahead;
        if (event_ == kNoon) continue;
        cosine = cosine_of_hour_angle(kDepths[event_], latitude, sun.declination);
        const double hour_angle = std::acos(std::clamp(cosine, -1.0, 1.0));
        const double from_noon = hour_angle / (2 * std::numbers::pi) * kDaySeconds;
        at += event_ < kNoon ? -from_noon : from_noon;
    }
    if (!(std::abs(cosine) <= 1)) return std::nullopt;
    return sys_seconds{seconds{std::llround(at)}} + offset_;
}

std::optional<sys_seconds> Solar::at_or_after(sys_seconds from) const {
    // An event lies within 12 hours of its noon, and noon within minutes of the mean one.
    constexpr std::int64_t kFarthest = kDaySeconds / 2 + 1'800;
    const auto mean_noon = kDaySeconds / 2 - std::llround(longitude_ / 360 * kDaySeconds);
    const auto earliest = (from - offset_).time_since_epoch() - seconds{kFarthest + mean_noon};
    const auto first = std::chrono::floor<std::chrono::days>(earliest).count();
    for (std::int64_t day = first; day <= first + kYear; ++day)
        if (const auto at = of_day(day); at && *at >= from) return at;
    return std::nullopt;
}

}  // namespace cjv::schedule

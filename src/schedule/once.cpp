#include "schedule/once.h"

#include "base/iso8601.h"
#include "schedule/entries.h"
#include "schedule/names.h"
#include "schedule/utf8.h"
#include "schedule/zone.h"

namespace cjv::schedule {
namespace {

using std::chrono::floor;
using std::chrono::seconds;
using std::chrono::sys_seconds;

// Takes "at" and the blanks behind it from the front.
bool take_at(std::string_view& text) {
    text = trimmed(text);
    const auto word = text.substr(0, text.find_first_of(" \t"));
    if (!same_word(word, "at")) return false;
    text = trimmed(text.substr(word.size()));
    return true;
}

}  // namespace

bool Once::claims(std::string_view text) { return take_at(text); }

Parsed<Once> Once::parse(std::string_view text, bool bare, const Zone* zone) {
    auto iso = text;
    const bool has_at = take_at(iso);
    const auto refuse = [&](std::string message) {
        return std::unexpected(Refusal{.column = iso.empty() ? 0 : column_of(text, iso),
                                       .code = "bad-time",
                                       .message = std::move(message),
                                       .hint = "write at 2027-01-31T09:00"});
    };
    if (!has_at && !bare) return refuse("a point in time begins with \"at\"");
    if (iso.empty()) return refuse("the time is missing");
    const auto at = parse_iso8601(iso);
    if (!at) return refuse(quoted(iso) + " is not an ISO 8601 time");
    const auto second = floor<seconds>(*at);
    if (second != *at) return refuse("a schedule knows whole seconds only");
    if (!zone || has_offset(iso)) return Once(second);
    const std::chrono::local_seconds wall{second.time_since_epoch()};
    return Once(floor<seconds>(zone->instant_of(wall)));
}

}  // namespace cjv::schedule

#include "schedule/schedule.h"
#include "schedule/zones.h"

#include "base/iso8601.h"
#include "support/zones.h"

#include <doctest/doctest.h>

namespace cjv::schedule {
namespace {

// "0 9 * * * | Europe/Berlin | interval"
std::string suggested(const char* text, const Options& options = {}) {
    const auto schedule = Schedule::parse(text, options);
    REQUIRE_MESSAGE(!schedule.has_value(), text);
    const auto& suggest = schedule.error().suggest;
    if (!suggest) return "nothing";
    std::string told = suggest->schedule;
    if (!suggest->timezone.empty()) told += " | " + suggest->timezone;
    if (suggest->type) told += " | " + std::string(to_text(*suggest->type));
    if (suggest->year != 0) told += " | the year " + std::to_string(suggest->year);
    return told;
}

}  // namespace

TEST_CASE("a zone in the text is the job's zone") {
    CHECK(suggested("TZ=Europe/Berlin 0 9 * * *") == "0 9 * * * | Europe/Berlin");
    CHECK(suggested("CRON_TZ=UTC 0 9 * * *") == "0 9 * * * | UTC");
    CHECK(suggested("0 9 * * * Europe/Berlin") == "0 9 * * * | Europe/Berlin");
    CHECK(suggested("0 0 9 * * * America/New_York") == "0 0 9 * * * | America/New_York");
}

TEST_CASE("what stands around an expression goes") {
    CHECK(suggested("`0 9 * * *`") == "0 9 * * *");
    CHECK(suggested("\"0 9 * * *\"") == "0 9 * * *");
    CHECK(suggested("0 9 * * * # every morning") == "0 9 * * *");
    CHECK(suggested("0\u00A09 * * *") == "0 9 * * *");
    CHECK(suggested("0 9 *\u034F * *") == "0 9 * * *");
    CHECK(suggested("\uFF10 9 * * *") == "0 9 * * *");
    CHECK(suggested("0 9 * * *\n") == "0 9 * * *");
}

TEST_CASE("the year of other programs becomes start and end, and any year is dropped") {
    CHECK(suggested("0 0 9 * * ? *") == "0 0 9 * * ?");
    CHECK(suggested("0 0 9 * * ? 2027") == "0 0 9 * * ? | the year 2027");
    CHECK(suggested("0 9 * * 1 2027") == "0 9 * * 1 | the year 2027");
    CHECK(suggested("cron(0 10 ? * 2 2027)") == "0 10 ? * MON | the year 2027");
    CHECK(Schedule::parse("0 0 9 * * ? 2027", {}).error().hint ==
          "for the year set start_at to 2027-01-01 and end_at to 2028-01-01");
}

TEST_CASE("where a year and a question mark stand, weekdays count from Sunday") {
    CHECK(suggested("0 9 ? * 2-6 2027") == "0 9 ? * MON-FRI | the year 2027");
    CHECK(suggested("0 0 9 ? * 2-6 2027") == "0 0 9 ? * MON-FRI | the year 2027");
    CHECK(suggested("0 0 9 ? * 9 2027") == "nothing");
}

TEST_CASE("a zone that is not there is not suggested") {
    const Zones zones([](std::string_view name) -> std::optional<std::string> {
        return name == "Europe/Berlin" ? std::optional(std::string("no zone file")) : std::nullopt;
    });
    const Options options{.zones = &zones};
    CHECK(suggested("TZ=Mars/X 0 9 * * *", options) == "nothing");
    CHECK(suggested("0 9 * * * Foo/Bar", options) == "0 9 * * *");  // taken for a command
    CHECK(suggested("0 9 * * * UTC", options) == "0 9 * * * | UTC");
}

TEST_CASE("what @every stands before is put right like any interval") {
    CHECK(suggested("@every 5 minuts", {.type = Type::cron}) == "every 5 minutes | interval");
    CHECK(suggested("@every 90 s", {.type = Type::cron}) == "every 90 s | interval");
    CHECK(suggested("@every 5 fortnights", {.type = Type::cron}) == "nothing");
}

TEST_CASE("a bare time is meant once") {
    CHECK(suggested("2027-01-01T09:00:00Z") == "at 2027-01-01T09:00:00Z | clocked");
    CHECK(suggested("2027-01-01 09:00") == "at 2027-01-01 09:00 | clocked");
    CHECK(suggested("2027-13-01 09:00") == "nothing");
}

TEST_CASE("EventBridge's texts are read as it means them") {
    CHECK(suggested("rate(5 minutes)") == "every 5 minutes | interval");
    CHECK(suggested("rate(1 day)") == "every 1 day | interval");
    CHECK(suggested("cron(0 10 ? * 2-6 *)") == "0 10 ? * MON-FRI");
    CHECK(suggested("cron(15 12 * * ? *)") == "15 12 * * ?");
}

TEST_CASE("macros are known by their bare names") {
    CHECK(suggested("daily") == "@daily");
    CHECK(suggested("Hourly") == "@hourly");
    CHECK(suggested("@quarterly") == "0 0 1 */3 *");
    CHECK(suggested("@minutely") == "* * * * *");
    CHECK(suggested("@fortnightly") == "nothing");
}

TEST_CASE("random ranges become stable ones") {
    CHECK(suggested("0~30/5 9 * * *") == "H(0-30)/5 9 * * *");
    CHECK(suggested("0~30,45 9 * * *") == "H(0-30),45 9 * * *");
    CHECK(suggested("~30 10~ 5~ * *") == "H(0-30) H(10-23) H(5-31) * *");
    CHECK(suggested("0~30 9 * * *") == "H(0-30) 9 * * *");
    CHECK(suggested("~ ~ * * *") == "H H * * *");
}

TEST_CASE("of a line of a crontab the schedule is taken") {
    CHECK(suggested("15 3 * * 1-5 /usr/bin/x --all") == "15 3 * * 1-5");
    CHECK(suggested("15 3 * * 1-5 root /usr/bin/x") == "15 3 * * 1-5");
    CHECK(suggested("@daily /usr/bin/x") == "@daily");
    CHECK(suggested("0 12 24 * * 1") == "nothing");
}

TEST_CASE("elapsed time is an interval") {
    CHECK(suggested("300") == "every 300 seconds | interval");
    CHECK(suggested("5 minutes") == "every 5 minutes | interval");
    CHECK(suggested("@every 5m", {.type = Type::cron}) == "every 5m | interval");
    CHECK(suggested("every 90 seconds", {.type = Type::cron}) == "every 90 seconds | interval");
}

TEST_CASE("a slip in an interval is put right") {
    CHECK(suggested("5 minuts") == "every 5 minutes | interval");
    CHECK(suggested("every 5 minuts") == "every 5 minutes | interval");
    CHECK(suggested("every 2 Dayz") == "every 2 days | interval");
    CHECK(suggested("every 12 huors") == "every 12 hours | interval");
    CHECK(suggested("every 0 minutes") == "every 1 minute | interval");
    CHECK(suggested("0 minutes", {.type = Type::interval}) == "every 1 minute | interval");
    CHECK(suggested("every 3 moons") == "nothing");
}

TEST_CASE("months and years become the cron expression that begins with the anchor") {
    const auto from = *parse_iso8601("2026-11-15T08:30:00Z");
    const Options berlin{.anchor = from, .zone = support::system_zones().find("Europe/Berlin")};

    CHECK(suggested("every 3 months") == "0 0 1 */3 * | cron");
    CHECK(suggested("every month") == "0 0 1 * * | cron");
    CHECK(suggested("every year", berlin) == "30 9 15 11 * | cron");
    CHECK(suggested("every 3 months", berlin) == "30 9 15 2/3 * | cron");
    CHECK(suggested("every 5 months") == "nothing");
}

TEST_CASE("what cannot be guessed has no suggestion") {
    for (const char* text : {"60 * * * *", "* * *", "0 0 31 2 *", "whenever", "0 0 * * FOO"})
        CHECK_MESSAGE(suggested(text) == "nothing", text);
}

}  // namespace cjv::schedule

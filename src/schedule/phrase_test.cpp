#include "schedule/phrase.h"

#include <doctest/doctest.h>

namespace cjv::schedule {
namespace {

std::string compiled(const char* phrase) { return cron_of_phrase(phrase).value_or("none"); }

}  // namespace

TEST_CASE("days and times are said in English") {
    CHECK(compiled("every day at 9:30") == "30 9 * * *");
    CHECK(compiled("every day at noon") == "0 12 * * *");
    CHECK(compiled("every day at midnight") == "0 0 * * *");
    CHECK(compiled("every day at 3am") == "0 3 * * *");
    CHECK(compiled("every day at 3:30pm") == "30 15 * * *");
    CHECK(compiled("every day at 12am") == "0 0 * * *");
    CHECK(compiled("every day at 12 pm") == "0 12 * * *");
    CHECK(compiled("at 3am every day") == "0 3 * * *");
    CHECK(compiled("Every Monday at 9:30") == "30 9 * * 1");
    CHECK(compiled("every monday and thursday at 18:05") == "5 18 * * 1,4");
    CHECK(compiled("every mon, wed and fri at 9:00") == "0 9 * * 1,3,5");
    CHECK(compiled("every weekday at 17:00") == "0 17 * * 1-5");
    CHECK(compiled("every weekend at 10am") == "0 10 * * 0,6");
    CHECK(compiled("at 9am on weekdays") == "0 9 * * 1-5");
    CHECK(compiled("every day at 18:15 and 20:45") == "15 18 * * * ; 45 20 * * *");
    CHECK(compiled("every hour at minute 12") == "12 * * * *");
    CHECK(compiled("every month on the 1st at 9:00") == "0 9 1 * *");
    CHECK(compiled("every month on the 22nd at noon") == "0 12 22 * *");
    CHECK(compiled("every month on the last day at 23:30") == "30 23 L * *");
}

TEST_CASE("what is not clear is no phrase") {
    for (const char* text : {"",
                             "every",
                             "every day",
                             "every day at",
                             "every day at 9",
                             "every day at 25:00",
                             "every day at 9:3",
                             "every day at 13pm",
                             "every day at 0am",
                             "every day at 9:30 sharp",
                             "every hour",
                             "every hour at minute 60",
                             "every hour at minute",
                             "every month",
                             "every month on the 32nd at noon",
                             "every month on the 1th at noon",
                             "every month on the 1 at noon",
                             "every month on the last at noon",
                             "at 3am",
                             "at noon every",
                             "every monday and at noon",
                             "every 5 minutes",
                             "0 9 * * *",
                             "day at noon"})
        CHECK_MESSAGE(compiled(text) == "none", text);
}

}  // namespace cjv::schedule

#include "celery/task_routes.h"

#include <doctest/doctest.h>

namespace cjv::celery {

TEST_CASE("the first rule that matches names the queue, and without one it is the default") {
    const TaskRoutes routes{
        .rules = {{"erp.close_day", "night"}, {"erp.*", "erp"}, {"erp.close_day", "never"}}};
    CHECK(routes.queue_of("erp.close_day") == "night");
    CHECK(routes.queue_of("erp.close_week") == "erp");
    CHECK(routes.queue_of("mail.send") == "celery");
    CHECK(TaskRoutes{.default_queue = "main"}.queue_of("mail.send") == "main");
}

TEST_CASE("a glob matches as file names are matched") {
    CHECK(matches_glob("*", ""));
    CHECK(matches_glob("erp.*", "erp.close_day"));
    CHECK(matches_glob("erp.*", "erp."));
    CHECK(matches_glob("*.close_*", "erp.close_day"));
    CHECK(matches_glob("erp.?", "erp.a"));
    CHECK_FALSE(matches_glob("erp.?", "erp."));
    CHECK_FALSE(matches_glob("erp", "erp.a"));
    CHECK_FALSE(matches_glob("erp.*", "old_erp.a"));
    CHECK(matches_glob("a*b*c", "aXbYbZc"));
}

}  // namespace cjv::celery

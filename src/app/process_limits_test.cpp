#include "app/process_limits.h"

#include <doctest/doctest.h>
#include <sys/resource.h>

namespace cjv::app {
namespace {

// The limit as it was, after the test.
struct SoftLimit {
    explicit SoftLimit(rlim_t soft) {
        getrlimit(RLIMIT_NOFILE, &before);
        const rlimit lower{soft, before.rlim_max};
        setrlimit(RLIMIT_NOFILE, &lower);
    }
    ~SoftLimit() { setrlimit(RLIMIT_NOFILE, &before); }
    SoftLimit(const SoftLimit&) = delete;
    static rlim_t now() {
        rlimit limit{};
        getrlimit(RLIMIT_NOFILE, &limit);
        return limit.rlim_cur;
    }

    rlimit before{};
};

}  // namespace

TEST_CASE("the limit of open files is raised to what is wanted, and no further than the hard one") {
    const SoftLimit low(100);

    CHECK(raise_open_files(120) == 120);
    CHECK(SoftLimit::now() == 120);
    CHECK(raise_open_files(110) == 120);  // never lowered
    CHECK(raise_open_files(INT64_MAX) == std::int64_t(low.before.rlim_max));
}

TEST_CASE("where files are few, connections give way to runs") {
    CHECK(files_needed(1'024, 64) == 1'408);
    CHECK(connections_with_room(1'024, 64, 1'408) == 1'024);
    CHECK(connections_with_room(1'024, 64, 1'024) == 640);
    CHECK(connections_with_room(1'024, 64, 1'000'000) == 1'024);
    CHECK(connections_with_room(1'024, 64, 100) == 1);
}

}  // namespace cjv::app

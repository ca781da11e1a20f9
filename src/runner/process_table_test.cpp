#include "runner/process_table.h"

#include "support/descriptors.h"
#include "support/must.h"

#include <doctest/doctest.h>
#include <sys/prctl.h>

#include <unistd.h>
#include <algorithm>

namespace cjv::runner {
namespace {

using support::must;

TEST_CASE("a process reads about itself what the system calls tell it") {
    const ProcessEntry self = must(read_process(::getpid())).value();

    CHECK(self.parent == ::getppid());
    CHECK(self.group == ::getpgrp());
    CHECK(self.session == ::getsid(0));
    CHECK(self.start_time > 0);
    CHECK_FALSE(self.zombie);
}

TEST_CASE("a name with brackets and blanks does not shift the fields") {
    char before[16];
    ::prctl(PR_GET_NAME, before);

    ::prctl(PR_SET_NAME, "a) Z 1 (1");
    const ProcessEntry self = must(read_process(::getpid())).value();
    ::prctl(PR_SET_NAME, before);

    CHECK(self.parent == ::getppid());
    CHECK_FALSE(self.zombie);
}

TEST_CASE("another start time or boot is another process") {
    const std::string boot = read_boot_id();
    const Identity self{::getpid(), must(read_process(::getpid())).value().start_time, boot};

    CHECK(must(is_alive(self, boot)));
    CHECK_FALSE(must(is_alive({self.pid, self.start_time + 1, boot}, boot)));
    CHECK_FALSE(must(is_alive({self.pid, self.start_time, "another"}, boot)));
}

TEST_CASE("the list of processes holds ourselves") {
    const auto all = must(read_processes());
    CHECK(std::ranges::count(all, ::getpid(), &ProcessEntry::pid) == 1);
}

TEST_CASE("without descriptors nobody is said to be gone") {
    ProcessTable table("CJV_RUN_ID");
    const std::string boot = read_boot_id();
    {
        const support::NoDescriptors none;
        CHECK_FALSE(read_process(::getpid()));
        CHECK_FALSE(read_processes());
        CHECK_FALSE(is_alive({::getpid(), 1, boot}, boot));
        CHECK_FALSE(environment_of(::getpid(), "PATH"));
        CHECK_FALSE(table.of_session(::getsid(0), table.ticket()));
    }
    CHECK(table.ticket() == 0);  // what failed was no reading
    CHECK_FALSE(must(table.of_session(::getsid(0), table.ticket())).empty());
}

TEST_CASE("a reading is shared until something has happened after it") {
    ProcessTable table("CJV_RUN_ID");
    const auto first = table.ticket();

    CHECK_FALSE(must(table.of_session(::getsid(0), first)).empty());
    CHECK(table.ticket() == first + 1);
    CHECK_FALSE(must(table.of_session(::getsid(0), first)).empty());
    CHECK(table.ticket() == first + 1);
    CHECK_FALSE(must(table.of_session(::getsid(0), table.ticket())).empty());
    CHECK(table.ticket() == first + 2);
}

}  // namespace
}  // namespace cjv::runner

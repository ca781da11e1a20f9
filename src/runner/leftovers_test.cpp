#include "runner/leftovers.h"

#include "runner/spawn.h"
#include "support/descriptors.h"
#include "support/must.h"

#include <doctest/doctest.h>
#include <sys/wait.h>

#include <signal.h>
#include <unistd.h>

namespace cjv::runner {
namespace {

using namespace std::chrono_literals;
using support::must;

// A command that was started by a server which nobody speaks for any more. What is left of its
// session is ended with the test.
class Orphan {
public:
    Orphan(const std::string& script, std::vector<std::string> env) {
        env.push_back("PATH=/usr/bin:/bin");
        auto birth = spawn({"/bin/sh", "-c", script}, env, "/", "", Stdin::empty);
        REQUIRE(birth);
        birth_ = std::move(*birth);
        identity_ = {birth_.pid, must(read_process(birth_.pid)).value().start_time, read_boot_id()};
    }
    ~Orphan() {
        for (const ProcessEntry& entry : must(read_processes()))
            if (entry.session == birth_.pid && !entry.zombie) ::kill(entry.pid, SIGKILL);
        ::waitpid(birth_.pid, nullptr, 0);
    }
    Orphan(const Orphan&) = delete;

    const Identity& identity() const { return identity_; }
    // The first line that it prints; blocks until it is there.
    std::string line() const {
        std::string line;
        for (char byte = 0; byte != '\n';)
            if (::read(birth_.out.get(), &byte, 1) == 1) line += byte;
        return line;
    }
    std::size_t alive() const {
        std::size_t count = 0;
        for (const ProcessEntry& entry : must(read_processes()))
            count += entry.session == birth_.pid && !entry.zombie;
        return count;
    }

private:
    Birth birth_;
    Identity identity_;
};

std::vector<Cleared> clear(std::vector<Abandoned> runs) {
    return must(end_leftovers(runs, "CJV_RUN_ID", 100ms, SystemClock()));
}

TEST_CASE("a command that outlived its server is found by its mark and ended") {
    const Orphan orphan("echo; sleep 1000", {"CJV_RUN_ID=run-1"});
    orphan.line();

    const auto cleared = clear({{"run-1", std::nullopt}});

    REQUIRE(cleared.size() == 1);
    CHECK(cleared[0].mark == "run-1");
    CHECK(cleared[0].ended.size() == 2);  // the shell and its sleep
    CHECK(cleared[0].gone);
    CHECK(orphan.alive() == 0);
}

TEST_CASE("one that ignores TERM is killed") {
    const Orphan orphan("trap '' TERM; echo; while :; do sleep 1000; done", {"CJV_RUN_ID=run-1"});
    orphan.line();

    CHECK(clear({{"run-1", orphan.identity()}})[0].gone);

    CHECK(orphan.alive() == 0);
}

TEST_CASE("a process with an emptied environment is found by the session of the noted leader") {
    const Orphan orphan("trap '' TERM; env -i sleep 1000 & echo; wait", {"CJV_RUN_ID=run-1"});
    orphan.line();

    CHECK(clear({{"run-1", orphan.identity()}})[0].gone);

    CHECK(orphan.alive() == 0);
}

TEST_CASE("what left the session is left alone and named") {
    const Orphan orphan(
        "setsid sleep 1000 & "
        "while read -r pid name state parent group session rest < /proc/$!/stat; "
        "[ $session = $$ ]; do :; done; echo $!; sleep 1000",
        {"CJV_RUN_ID=run-1"});
    const pid_t daemon = std::stoi(orphan.line());

    const auto cleared = clear({{"run-1", orphan.identity()}});

    CHECK(cleared[0].strays == std::vector<pid_t>{daemon});
    CHECK(cleared[0].gone);
    const auto entry = must(read_process(daemon));
    CHECK((entry && !entry->zombie));
    ::kill(daemon, SIGKILL);
}

TEST_CASE("without descriptors to look with, nobody says that nothing was left") {
    const Orphan orphan("echo; exec sleep 1000", {"CJV_RUN_ID=run-1"});
    orphan.line();
    const std::vector<Abandoned> runs = {{"run-1", orphan.identity()}};

    {
        const support::NoDescriptors none;
        CHECK_FALSE(end_leftovers(runs, "CJV_RUN_ID", 100ms, SystemClock()));
    }

    CHECK(orphan.alive() == 1);
    CHECK(clear(runs)[0].ended == std::vector<pid_t>{orphan.identity().pid});
}

TEST_CASE("the processes of other runs are not touched") {
    const Orphan orphan("echo; exec sleep 1000", {"CJV_RUN_ID=run-2"});
    orphan.line();

    const auto cleared = clear({{"run-1", std::nullopt}});

    CHECK(cleared[0].ended.empty());
    CHECK(orphan.alive() == 1);
}

TEST_CASE("a process that only has the number of the noted leader is a stranger") {
    const Orphan orphan("echo; exec sleep 1000", {});
    orphan.line();
    Identity other = orphan.identity();
    other.start_time -= 1;
    Identity earlier_boot = orphan.identity();
    earlier_boot.boot_id = "another";

    const auto cleared = clear({{"run-1", other}, {"run-2", earlier_boot}});

    CHECK(cleared[0].ended.empty());
    CHECK(cleared[1].ended.empty());
    CHECK(orphan.alive() == 1);
}

}  // namespace
}  // namespace cjv::runner

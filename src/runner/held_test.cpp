// Processes that wait for a word before they become their program.
#include "runner/process.h"

#include "support/must.h"
#include "support/temp_folder.h"

#include <doctest/doctest.h>
#include <boost/asio/io_context.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cjv::runner {
namespace {

using support::must;

struct Stage {
    Stage() { ::signal(SIGPIPE, SIG_IGN); }

    boost::asio::io_context io;
    SystemClock clock;
    ProcessTable table{"CJV_RUN_ID"};
    std::string out;
    std::vector<End> ends;

    Launch launch(Command command, std::optional<Held> held) {
        return {.command = std::move(command),
                .watcher = {.output = [this](Stream, std::string_view bytes) { out += bytes; },
                            .end = [this](const End& end) { ends.push_back(end); }},
                .held = std::move(held)};
    }
    Result<Process> start(const Command& command, std::optional<Held> held) {
        std::vector<Launch> one;
        one.push_back(launch(command, std::move(held)));
        return std::move(Process::start({io, clock, table}, std::move(one)).front());
    }
    // Held and let go, and run to its end.
    const End& run(const Command& command) {
        REQUIRE(start(command, must(hold(command))));
        io.run();
        REQUIRE(ends.size() == 1);
        return ends.front();
    }
};

Command command(std::vector<std::string> argv) {
    return {.argv = std::move(argv), .path = "/usr/bin:/bin"};
}
Command sh(std::string script) { return command({"/bin/sh", "-c", std::move(script)}); }

// The only child of ours, which is not reaped.
pid_t child() {
    for (const ProcessEntry& entry : must(read_processes()))
        if (entry.parent == ::getpid() && !entry.zombie) return entry.pid;
    FAIL("there is no child");
    return 0;
}
bool has_child() {
    siginfo_t any{};
    return ::waitid(P_ALL, 0, &any, WEXITED | WNOHANG | WNOWAIT) == 0;
}

TEST_CASE("a command that was held is what it would have been") {
    Stage stage;
    Command shown = command(
        {"sh", "-c", "pwd; echo \"$A|$1|$2|$#\"; cat; env | wc -l; exit 3", "sh", "two words", ""});
    shown.env = {"A=\xff b"};
    shown.folder = "/usr";
    shown.stdin_text = "fed\n";

    const End& end = stage.run(shown);

    CHECK(stage.out.starts_with("/usr\n\xff b|two words||2\nfed\n"));
    CHECK(end.exit_code == 3);
    CHECK(end.signal == 0);
}

TEST_CASE(
    "a command that was held has its three descriptors and no others, and no blocked or ignored "
    "signal") {
    Stage stage;
    const int open = ::fcntl(STDERR_FILENO, F_DUPFD, 50);  // survives an exec unless closed
    stage.run(
        sh("for each in /proc/$$/fd/*; do case ${each##*/} in 0|1|2) continue;; esac; "
           "[ -e $each ] && echo leaked $each; done; "  // the one that lists them is gone
           "exec grep -E 'SigBlk|SigIgn' /proc/self/status"));
    ::close(open);
    CHECK(stage.out == "SigBlk:\t0000000000000000\nSigIgn:\t0000000180000000\n");
}

TEST_CASE("a command that was held leads a session of its own") {
    Stage stage;
    const Command shown = sh("read -r stat < /proc/$$/stat; echo $stat");
    const auto process = stage.start(shown, must(hold(shown)));
    stage.io.run();

    REQUIRE(process);
    const std::string pid = std::to_string(process->identity().pid);
    CHECK(stage.out.starts_with(pid + " (sh) "));
    CHECK(stage.out.find(" " + pid + " " + pid + " ") != std::string::npos);  // pgrp, session
}

TEST_CASE("what is held does nothing before the word") {
    const support::TempFolder folder;
    Stage stage;
    const std::string file = folder.path().string() + "/made";
    const Command shown = command({"touch", file});
    auto held = must(hold(shown));

    CHECK(::access(file.c_str(), F_OK) != 0);
    CHECK(must(read_process(child())).value().session == child());
    REQUIRE(stage.start(shown, std::move(held)));
    stage.io.run();

    CHECK(::access(file.c_str(), F_OK) == 0);
}

TEST_CASE("what is held and not wanted is gone without having run") {
    const support::TempFolder folder;
    const std::string file = folder.path().string() + "/made";
    {
        const auto held = must(hold(command({"touch", file})));
    }
    CHECK(::access(file.c_str(), F_OK) != 0);
    CHECK_FALSE(has_child());
}

TEST_CASE("what is held ends when its owner dies") {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t owner = ::fork();
    if (owner == 0) {
        auto held = hold(command({"sleep", "1000"}));
        const pid_t pid = held ? child() : 0;
        (void)!::write(ends[1], &pid, sizeof pid);
        ::raise(SIGKILL);
    }
    ::close(ends[1]);
    pid_t pid = 0;
    REQUIRE(::read(ends[0], &pid, sizeof pid) == sizeof pid);
    REQUIRE(pid != 0);
    ::waitpid(owner, nullptr, 0);
    for (auto entry = must(read_process(pid)); entry && !entry->zombie;
         entry = must(read_process(pid))) {
    }
    ::close(ends[0]);
}

TEST_CASE("a command that was killed while it was held is started all the same") {
    Stage stage;
    const Command shown = command({"echo", "here"});
    auto held = must(hold(shown));
    const pid_t pid = child();
    ::kill(pid, SIGKILL);
    while (!must(read_process(pid)).value().zombie) {
    }

    const auto process = stage.start(shown, std::move(held));
    stage.io.run();

    REQUIRE(process);
    CHECK(process->identity().pid != pid);
    CHECK(stage.out == "here\n");
    CHECK_FALSE(has_child());
}

TEST_CASE("a command that cannot become its program says why, though it was held") {
    const support::TempFolder folder;
    Stage stage;
    const std::string text = folder.file("text", "not a program\n", 0755);
    const auto process = stage.start(command({text}), must(hold(command({text}))));

    REQUIRE_FALSE(process);
    CHECK(process.error().what ==
          "not a program: " + text + " is neither a binary for this machine nor starts with #!");
    CHECK_FALSE(has_child());
    CHECK_FALSE(hold(command({"/no/such/file"})));
    CHECK_FALSE(hold({.argv = {"true"}, .path = "/bin", .folder = "/no/such/folder"}));
    CHECK_FALSE(has_child());
}

TEST_CASE("what is held and what is not start together") {
    Stage stage;
    const Command first = command({"echo", "1"}), second = command({"echo", "2"});
    std::vector<Launch> launches;
    launches.push_back(stage.launch(second, std::nullopt));
    launches.push_back(stage.launch(first, must(hold(first))));

    const auto processes =
        Process::start({stage.io, stage.clock, stage.table}, std::move(launches));
    stage.io.run();

    REQUIRE(processes.size() == 2);
    CHECK(processes[0]);
    CHECK(processes[1]);
    CHECK(stage.ends.size() == 2);
    CHECK(stage.out.size() == 4);
}

}  // namespace
}  // namespace cjv::runner

// Real processes, and real time where a command has to be stopped: patience is milliseconds here.
#include "runner/process.h"

#include "runner/output.h"
#include "support/descriptors.h"
#include "support/must.h"
#include "support/temp_folder.h"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <boost/asio/io_context.hpp>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>
#include <algorithm>
#include <deque>

namespace cjv::runner {
namespace {

using namespace std::chrono_literals;
using support::must;

// A sanitizer keeps freed memory for a while.
constexpr bool kSanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);

struct Stage {
    Stage() { ::signal(SIGPIPE, SIG_IGN); }

    boost::asio::io_context io;
    SystemClock clock;
    ProcessTable table{"CJV_RUN_ID"};
    std::string out, err;
    std::optional<End> end;

    Result<Process> start(Command command) {
        if (command.path.empty()) command.path = "/usr/bin:/bin";
        return Process::start({io, clock, table}, std::move(command),
                              {.output =
                                   [this](Stream stream, std::string_view bytes) {
                                       (stream == Stream::out ? out : err) += bytes;
                                   },
                               .end =
                                   [this](const End& how) {
                                       CHECK_FALSE(end);
                                       end = how;
                                   }});
    }
    const End& run(Command command) {
        const auto process = start(std::move(command));
        REQUIRE_MESSAGE(process, (process ? "" : process.error().what));
        io.run();
        REQUIRE(end);
        return end.value();
    }
};

Command sh(std::string script) { return {.argv = {"/bin/sh", "-c", std::move(script)}}; }

Command impatient(Command command) {
    command.patience = {.term = 50ms, .settle = 20ms, .leftover_term = 50ms, .drain = 50ms};
    return command;
}

std::size_t session_size(pid_t session) {
    const auto all = must(read_processes());
    return std::size_t(std::ranges::count_if(all, [session](const ProcessEntry& entry) {
        return entry.session == session && !entry.zombie;
    }));
}

TEST_CASE("what a command prints arrives by stream, then how it ended") {
    Stage stage;
    const End& end = stage.run(sh("echo to out; echo to err >&2; exit 3"));

    CHECK(stage.out == "to out\n");
    CHECK(stage.err == "to err\n");
    CHECK(end.exit_code == 3);
    CHECK(end.signal == 0);
    CHECK_FALSE(end.stop);
    CHECK(end.started <= end.ended);
}

TEST_CASE("a command has the environment that it was given and nothing else") {
    Stage stage;
    stage.run({.argv = {"env"}, .env = {"A=1", "B=two words", "EMPTY="}});
    CHECK(stage.out == "A=1\nB=two words\nEMPTY=\n");
}

TEST_CASE("arguments arrive byte for byte") {
    Stage stage;
    stage.run({.argv = {"printf", "%s|", "\"; id #", "$(id)", "`id`", "{{7*7}}", "--help",
                        "-oProxyCommand=", "", "a\nb", "\xff"}});
    CHECK(stage.out == "\"; id #|$(id)|`id`|{{7*7}}|--help|-oProxyCommand=||a\nb|\xff|");
}

TEST_CASE("a command runs in the folder that it was given") {
    Stage stage;
    Command command{.argv = {"pwd"}};
    command.folder = "/usr";
    stage.run(command);
    CHECK(stage.out == "/usr\n");
}

TEST_CASE("a command reads all that it is fed") {
    Stage stage;
    std::string text;
    for (int i = 0; text.size() < 1 << 20; ++i) text += std::to_string(i) + "\n";
    Command command{.argv = {"cat"}};
    command.stdin_text = text;

    stage.run(command);

    CHECK(stage.out == text);
}

TEST_CASE("a command may leave unread what it is fed") {
    Stage stage;
    Command command = sh("exec <&-; exit 7");
    command.stdin_text = std::string(1 << 20, 'x');
    CHECK(stage.run(command).exit_code == 7);
}

TEST_CASE("a command that is fed nothing reads the end at once") {
    Stage stage;
    CHECK(stage.run({.argv = {"cat"}}).exit_code == 0);
    CHECK(stage.out.empty());
}

TEST_CASE("a command that a signal ends says which") {
    Stage stage;
    const End& end = stage.run(sh("kill -USR1 $$"));
    CHECK(end.signal == SIGUSR1);
    CHECK_FALSE(end.stop);
}

TEST_CASE("a command leads a session of its own") {
    Stage stage;
    const auto process = stage.start(sh("read -r stat < /proc/$$/stat; echo $stat"));
    stage.io.run();

    REQUIRE(process);
    const std::string pid = std::to_string(process->identity().pid);
    CHECK(stage.out.starts_with(pid + " (sh) "));
    CHECK(stage.out.find(" " + pid + " " + pid + " ") != std::string::npos);  // pgrp, session
}

TEST_CASE("a command inherits no descriptor but its three and no ignored or blocked signal") {
    Stage stage;
    const int open = ::fcntl(STDERR_FILENO, F_DUPFD, 50);  // survives an exec unless closed

    stage.run(sh("[ -e /proc/$$/fd/" + std::to_string(open) +
                 " ] && echo leaked; "
                 "exec grep -E 'SigBlk|SigIgn' /proc/self/status"));
    ::close(open);

    // The C library keeps 32 and 33 to itself.
    CHECK(stage.out == "SigBlk:\t0000000000000000\nSigIgn:\t0000000180000000\n");
}

TEST_CASE("a command that exceeds its time is told to stop") {
    Stage stage;
    Command command = impatient(sh("trap 'exit 5' TERM; sleep 1000 & wait"));
    command.timeout = 100ms;
    command.patience.term = 10s;  // so that a KILL would be seen

    const End& end = stage.run(command);

    CHECK(end.stop == Stop::timeout);
    CHECK(end.exit_code == 5);
    CHECK_FALSE(end.killed);
}

TEST_CASE("a command that ignores TERM is killed") {
    Stage stage;
    Command command = impatient(sh("trap '' TERM; echo ready; while :; do sleep 1000; done"));
    command.timeout = 100ms;

    const auto process = stage.start(command);
    stage.io.run();

    CHECK(stage.out == "ready\n");
    CHECK(stage.end.value().stop == Stop::timeout);
    CHECK(stage.end.value().killed);
    CHECK(stage.end.value().signal == SIGKILL);
    CHECK(session_size(process->identity().pid) == 0);
}

TEST_CASE("a command may be asked to stop, even when it is stopped in the shell's sense") {
    Stage stage;
    const auto process = stage.start(impatient({.argv = {"sleep", "1000"}}));
    ::kill(process->identity().pid, SIGSTOP);

    process->stop(Stop::asked);
    stage.io.run();

    CHECK(stage.end.value().stop == Stop::asked);
    CHECK(stage.end.value().signal == SIGTERM);
}

TEST_CASE("a command that has ended by itself is not said to have been stopped") {
    Stage stage;
    const auto process = stage.start(sh("exit 0"));
    while (!must(read_process(process->identity().pid)).value().zombie) {
    }

    process->stop(Stop::timeout);  // the news of its end has not been read yet
    stage.io.run();

    CHECK_FALSE(stage.end.value().stop);
    CHECK(stage.end.value().exit_code == 0);
}

TEST_CASE("a command that has ended by itself is not said to have been killed") {
    Stage stage;
    const auto process = stage.start(sh("exit 0"));
    while (!must(read_process(process->identity().pid)).value().zombie) {
    }

    process->kill();
    stage.io.run();

    CHECK_FALSE(stage.end.value().stop);
    CHECK_FALSE(stage.end.value().killed);
    CHECK(stage.end.value().exit_code == 0);
}

TEST_CASE("a command that closes its output ends as it ends") {
    Stage stage;
    CHECK(stage.run(sh("exec >&- 2>&-; sleep 0.05; exit 4")).exit_code == 4);
}

TEST_CASE("what a command leaves in its session is ended and counted") {
    Stage stage;
    const auto process = stage.start(impatient(sh("sleep 1000 & exit 0")));
    stage.io.run();

    CHECK(stage.end.value().exit_code == 0);
    CHECK(stage.end.value().leftovers == 1);
    CHECK(session_size(process->identity().pid) == 0);
}

TEST_CASE(
    "while there are no descriptors to look with, what a command leaves is not taken for gone") {
    Stage stage;
    const auto process = stage.start(impatient(sh("sleep 1000 & exit 0")));
    while (!must(read_process(process->identity().pid)).value().zombie) {
    }
    {
        const support::NoDescriptors none;
        stage.io.run_for(150ms);
        CHECK_FALSE(stage.end);
    }

    stage.io.run();

    CHECK(stage.end.value().leftovers == 1);
    CHECK(session_size(process->identity().pid) == 0);
}

TEST_CASE("a leftover that ignores TERM or has a group of its own is ended as well") {
    Stage stage;
    const auto process = stage.start(impatient(
        {.argv = {"bash", "-c", "trap '' TERM; sleep 1000 & set -m; sleep 1000 & exit 0"}}));
    stage.io.run();

    CHECK(stage.end.value().leftovers == 2);
    CHECK(session_size(process->identity().pid) == 0);
}

TEST_CASE("a leftover that is about to end is let be") {
    Stage stage;
    Command command = sh("(sleep 0.05; echo late) & exit 0");
    command.patience.settle = 10s;

    CHECK(stage.run(command).leftovers == 0);
    CHECK(stage.out == "late\n");
}

TEST_CASE("a process that left the session is left alone and named") {
    Stage stage;
    Command command =
        impatient(sh("setsid sleep 1000 & "
                     "while read -r pid name state parent group session rest < /proc/$!/stat; "
                     "[ $session = $$ ]; do :; done; echo $!"));
    command.env = {"PATH=/usr/bin:/bin", "CJV_RUN_ID=run-1"};
    command.mark = "run-1";

    const End& end = stage.run(command);

    const pid_t daemon = std::stoi(stage.out);
    CHECK(end.strays == std::vector<pid_t>{daemon});
    CHECK(end.leftovers == 0);
    const auto entry = must(read_process(daemon));
    CHECK((entry && !entry->zombie));
    ::kill(daemon, SIGKILL);
}

TEST_CASE("an identity names the process while it lives") {
    Stage stage;
    const auto process = stage.start(impatient({.argv = {"sleep", "1000"}}));

    CHECK(must(is_alive(process->identity(), stage.table.boot_id())));
    process->kill();
    stage.io.run();

    CHECK(stage.end.value().killed);
    CHECK_FALSE(must(is_alive(process->identity(), stage.table.boot_id())));
}

TEST_CASE("a command that cannot be started says why and calls nobody") {
    const support::TempFolder folder;
    Stage stage;
    const auto refused = [&](Command command) {
        const auto process = stage.start(std::move(command));
        stage.io.run();
        return process ? "it started" : process.error().what;
    };
    const std::string text = folder.file("text", "not a program\n", 0755);
    const std::string script = folder.file("script", "#!/no/such/shell\n", 0755);
    Command elsewhere = sh("");
    elsewhere.folder = "/no/such/folder";
    Command endless = sh("");
    endless.env.assign(1, "A=" + std::string(1 << 20, 'x'));

    CHECK(refused({.argv = {"/no/such/file"}}) == "no such file: /no/such/file");
    CHECK(refused(elsewhere) == "no such folder: /no/such/folder");
    CHECK(refused({.argv = {text}}) ==
          "not a program: " + text + " is neither a binary for this machine nor starts with #!");
    CHECK(refused({.argv = {script}}) ==
          "no such interpreter: the one that " + script + " asks for");
    CHECK(refused(endless) == "arguments and environment are too long for the system");
    CHECK_FALSE(stage.end);
}

TEST_CASE("a hundred commands at once each tell their own end") {
    ::signal(SIGPIPE, SIG_IGN);
    boost::asio::io_context io;
    const SystemClock clock;
    ProcessTable table{"CJV_RUN_ID"};
    std::vector<int> codes(100, -1);

    for (int i = 0; i < 100; ++i) {
        Command command = sh("exit " + std::to_string(i));
        command.path = "/bin";
        const auto process =
            Process::start({io, clock, table}, command,
                           {.output = [](Stream, std::string_view) {},
                            .end = [&codes, i](const End& end) { codes[i] = end.exit_code; }});
        REQUIRE(process);
    }
    io.run();

    for (int i = 0; i < 100; ++i) CHECK(codes[i] == i);
}

TEST_CASE("a gibibyte of output is drained while memory stays flat") {
    ::signal(SIGPIPE, SIG_IGN);
    boost::asio::io_context io;
    const SystemClock clock;
    ProcessTable table{"CJV_RUN_ID"};
    OutputMemory memory;
    Output output(memory, {});
    std::size_t most_held = 0;
    rusage before{}, after{};
    ::getrusage(RUSAGE_SELF, &before);

    std::optional<End> end;
    const auto process = Process::start(
        {io, clock, table}, {.argv = {"head", "-c", "1G", "/dev/zero"}, .path = "/usr/bin:/bin"},
        {.output =
             [&](Stream stream, std::string_view bytes) {
                 output.append(stream, bytes, clock.now());
                 most_held = std::max(most_held, output.held());
             },
         .end = [&](const End& how) { end = how; }});
    REQUIRE(process);
    io.run();
    ::getrusage(RUSAGE_SELF, &after);

    CHECK(end.value().exit_code == 0);
    CHECK(output.printed() == 1 << 30);
    CHECK(output.cut() >= (1 << 30) - (17 << 20));
    CHECK(most_held <= 13 << 20);
    if (!kSanitized) CHECK(after.ru_maxrss - before.ru_maxrss < 20 * 1024);  // KiB
}

}  // namespace
}  // namespace cjv::runner

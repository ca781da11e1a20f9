#pragma once
// A running command from its start to its end: it is fed, read, told to stop, killed, and cleared
// up after. What its bytes mean, and whether its exit code is a success, is the owner's business.

#include "base/clock.h"
#include "base/error.h"
#include "runner/process_table.h"
#include "runner/spawn.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace cjv::runner {

// How long we are patient. Tests are less so.
struct Patience {
    std::chrono::milliseconds term{10'000};  // from TERM to KILL, for a command that has to stop
    // After the main process ended, for what is left of its session: how long until TERM (a `tee`
    // that still drains a pipe needs a moment), and from there to KILL.
    std::chrono::milliseconds settle{100};
    std::chrono::milliseconds leftover_term{5'000};
    // How long the pipes are read on after that, if a process outside the session still holds them.
    std::chrono::milliseconds drain{1'000};
    bool operator==(const Patience&) const = default;
};

struct Command {
    std::vector<std::string> argv = {};  // first: an absolute path, or a name to be found on `path`
    std::vector<std::string> env = {};   // "NAME=value", and nothing besides
    std::string path = {};               // "/usr/local/bin:/usr/bin"
    std::string folder = "/";
    std::string stdin_text = {};
    std::optional<std::chrono::milliseconds> timeout = {};
    std::string mark = {};  // the run in its environment, to know processes that leave the session
    Patience patience = {};
    bool operator==(const Command&) const = default;
};

enum class Stream : std::uint8_t { out, err };
enum class Stop : std::uint8_t { timeout, asked };

struct End {
    int exit_code = 0;  // meaningless where a signal ended it
    int signal = 0;     // 0: it exited
    std::optional<Stop> stop =
        {};                     // we told it to stop before it ended; nothing: it ended by itself
    bool killed = false;        // TERM was not enough
    std::size_t leftovers = 0;  // processes of its session that outlived it and that we ended
    std::vector<pid_t> strays = {};  // processes that left its session and were left alone
    Instant started{}, ended{};
};

// Called on the io_context's thread: `output` as it comes (the bytes live as long as the call),
// `end` once and last. No process of the session is left then.
struct Watcher {
    std::function<void(Stream, std::string_view bytes)> output;
    std::function<void(const End&)> end;
};

// What all processes of a server share. One thread: the one that runs `io`.
struct Surroundings {
    boost::asio::io_context& io;
    const Clock& clock;
    ProcessTable& table;
};

// What is to be started, and who is told of it.
struct Launch {
    Command command;
    Watcher watcher;
    std::optional<Held> held = {};  // of the very same command
};

// A process that has all but its program, and waits: see Launch::held.
Result<Held> hold(const Command& command);

// A handle; copies mean the same process. It may be dropped: the process is watched to its end all
// the same, as long as `io` runs. Used on the io_context's thread only.
class Process {
public:
    // An error says what was wrong with the command; nothing was started then and nobody is called.
    static Result<Process> start(const Surroundings& around, Command command, Watcher watcher);
    // The same for many: those that are held are let go, one right after the other, then the others are started,
    // in their order; only then the first is watched.
    static std::vector<Result<Process>> start(const Surroundings& around,
                                              std::vector<Launch> launches);

    const Identity& identity() const;
    Instant started() const;

    // TERM to its group, KILL when `patience.term` has passed. Once it is being stopped, or has
    // ended, asking again changes nothing.
    void stop(Stop why) const;
    // No more patience: KILL, for the command and for what it left.
    void kill() const;

private:
    class Watch;
    struct Born;
    static std::optional<Born> go_on(const Surroundings& around, Launch& launch);
    static Result<Born> give_birth(const Surroundings& around, const Command& command);
    static Result<Process> watch(const Surroundings& around, Born born, Launch launch);
    explicit Process(std::shared_ptr<Watch> watch) : watch_(std::move(watch)) {}
    std::shared_ptr<Watch> watch_;
};

}  // namespace cjv::runner

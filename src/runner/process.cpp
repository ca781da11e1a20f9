#include "runner/process.h"

#include "runner/pidfd.h"
#include "runner/spawn.h"

#include <sys/wait.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <signal.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <set>
#include <utility>

namespace cjv::runner {

namespace asio = boost::asio;

namespace {

Stdin stdin_of(const Command& command) {
    return command.stdin_text.empty() ? Stdin::empty : Stdin::pipe;
}

}  // namespace

using boost::system::error_code;

//   running ──(pidfd)──► swept ──(session is empty)──► reaped ──(pipes at their end, or drained)──►
//   over
//
// The main process stays a zombie until its session is empty: as long as it is not reaped, its
// number belongs to it, its group and its session, and a signal cannot reach a stranger.
class Process::Watch : public std::enable_shared_from_this<Watch> {
public:
    Watch(const Surroundings& around, Command command, Watcher watcher, Birth birth,
          std::int64_t start_time, Instant born)
        : around_(around),
          command_(std::move(command)),
          watcher_(std::move(watcher)),
          identity_{birth.pid, start_time, around.table.boot_id()},
          pidfd_(around.io, birth.pidfd.release()),
          out_{Stream::out, {around.io, birth.out.release()}},
          err_{Stream::err, {around.io, birth.err.release()}},
          in_(around.io),
          limit_(around.io),
          sweep_(around.io) {
        if (birth.in) in_.assign(birth.in.release());
        end_.started = born;
    }

    void watch() {
        await_output(out_);
        await_output(err_);
        if (in_.is_open()) feed();
        await_exit();
        if (command_.timeout)
            after(limit_, *command_.timeout, [](Watch& self) { self.stop(Stop::timeout); });
    }

    const Identity& identity() const { return identity_; }
    Instant started() const { return end_.started; }

    void stop(Stop why) {
        if (ended_ || end_.stop || has_ended()) return;
        end_.stop = why;
        signal_group(SIGTERM);
        signal_group(SIGCONT);  // a stopped process would not see the TERM
        after(limit_, command_.patience.term, [](Watch& self) { self.kill(); });
    }

    void kill() {
        impatient_ = true;  // with leftovers too
        if (ended_ || has_ended()) return;
        if (!end_.stop) end_.stop = Stop::asked;
        end_.killed = true;
        signal_group(SIGKILL);
    }

private:
    struct Source {
        Stream stream;
        asio::posix::stream_descriptor pipe;
    };

    // Runs `then` once when `delay` has passed, unless the timer is cancelled or set again.
    void after(asio::steady_timer& timer, std::chrono::milliseconds delay, void (*then)(Watch&)) {
        timer.expires_after(delay);
        timer.async_wait([self = shared_from_this(), then](error_code error) {
            if (!error) then(*self);
        });
    }

    void signal_group(int signal) const { ::kill(-identity_.pid, signal); }

    void await_output(Source& source) {
        source.pipe.async_wait(asio::posix::descriptor_base::wait_read,
                               [self = shared_from_this(), &source](error_code error) {
                                   if (!error) self->on_readable(source);
                               });
    }

    void on_readable(Source& source) {
        std::array<char, 64 * 1024> buffer;  // what a pipe holds
        const ssize_t got = ::read(source.pipe.native_handle(), buffer.data(), buffer.size());
        if (got > 0) watcher_.output(source.stream, {buffer.data(), std::size_t(got)});
        const bool again = got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
        if (again && source.pipe.is_open()) return await_output(source);
        source.pipe.close();
        if (reaped_) finish_when_drained();
    }

    void feed() {
        in_.async_wait(asio::posix::descriptor_base::wait_write,
                       [self = shared_from_this()](error_code error) {
                           if (!error) self->on_writable();
                       });
    }

    // A command may end, or close its input, without reading all of it: that is its own business.
    void on_writable() {
        const std::string_view rest = std::string_view(command_.stdin_text).substr(fed_);
        const ssize_t put = ::write(in_.native_handle(), rest.data(), rest.size());
        if (put > 0) fed_ += std::size_t(put);
        const bool broken = put < 0 && errno != EAGAIN && errno != EINTR;
        if (!broken && fed_ < command_.stdin_text.size()) return feed();
        in_.close();
        command_.stdin_text = {};
    }

    // How it ended, without reaping it; si_pid is 0 while it has not.
    siginfo_t look() {
        siginfo_t how{};
        ::waitid(P_PIDFD, id_t(pidfd_.native_handle()), &how, WEXITED | WNOWAIT | WNOHANG);
        return how;
    }

    // The news of it may still be on its way to us.
    bool has_ended() { return look().si_pid != 0; }

    void await_exit() {
        pidfd_.async_wait(asio::posix::descriptor_base::wait_read,
                          [self = shared_from_this()](error_code error) {
                              if (!error) self->on_exit();
                          });
    }

    void on_exit() {
        const siginfo_t how = look();
        if (how.si_pid == 0) return await_exit();
        (how.si_code == CLD_EXITED ? end_.exit_code : end_.signal) = how.si_status;
        end_.ended = around_.clock.now();
        ended_ = true;
        limit_.cancel();
        in_.close();
        // Others may have ended at the same moment: by the time of the post they have drawn their
        // ticket.
        ticket_ = around_.table.ticket();
        asio::post(around_.io, [self = shared_from_this()] { self->sweep(); });
    }

    // Ends what is left of the session, and looks again until nothing is.
    void sweep() {
        const auto left = around_.table.of_session(identity_.pid, ticket_);
        if (!left) return sweep_again();  // which proves nothing
        if (left->empty()) return on_swept();

        const Patience& patience = command_.patience;
        const bool hard = impatient_ || swept_for_ >= patience.settle + patience.leftover_term;
        if (hard || swept_for_ >= patience.settle) {
            for (const ProcessEntry& entry : *left) {
                const bool fresh = leftovers_.insert(entry.pid).second;
                if (hard || fresh) signal_leftover(entry, hard ? SIGKILL : SIGTERM);
            }
        }
        sweep_again();
    }

    void sweep_again() {
        // Soon at first, since most are about to end; a reading of /proc costs milliseconds.
        const std::chrono::milliseconds pause{swept_for_ < std::chrono::seconds{1} ? 20 : 200};
        swept_for_ += pause;
        ticket_ = around_.table.ticket();
        after(sweep_, pause, [](Watch& self) { self.sweep(); });
    }

    // By pidfd: between the reading of /proc and the signal the number could have gone to a
    // stranger.
    static void signal_leftover(const ProcessEntry& entry, int signal) {
        const auto pidfd = open_pidfd(entry);
        if (!pidfd || !*pidfd) return;  // if it is still there, the next sweep meets it
        send_signal(*pidfd, signal);
        send_signal(*pidfd, SIGCONT);
    }

    void on_swept() {
        if (!command_.mark.empty()) {
            const auto strays =
                around_.table.strays(command_.mark, identity_.pid, identity_.start_time, ticket_);
            if (!strays) return sweep_again();
            for (const ProcessEntry& entry : *strays) end_.strays.push_back(entry.pid);
        }
        end_.leftovers = leftovers_.size();

        siginfo_t how{};
        ::waitid(P_PIDFD, id_t(pidfd_.native_handle()), &how, WEXITED | WNOHANG);
        pidfd_.close();
        reaped_ = true;
        after(sweep_, command_.patience.drain, [](Watch& self) { self.finish(); });
        finish_when_drained();
    }

    void finish_when_drained() {
        if (!out_.pipe.is_open() && !err_.pipe.is_open()) finish();
    }

    void finish() {
        if (std::exchange(over_, true)) return;
        sweep_.cancel();
        out_.pipe.close();
        err_.pipe.close();
        const Watcher watcher = std::exchange(watcher_, {});  // it may hold us
        watcher.end(end_);
    }

    Surroundings around_;
    Command command_;
    Watcher watcher_;
    Identity identity_;
    asio::posix::stream_descriptor pidfd_;
    Source out_, err_;
    asio::posix::stream_descriptor in_;
    asio::steady_timer limit_, sweep_;
    std::size_t fed_ = 0;
    ProcessTable::Ticket ticket_ = 0;
    std::chrono::milliseconds swept_for_{};
    std::set<pid_t> leftovers_;
    bool ended_ = false, reaped_ = false, over_ = false, impatient_ = false;
    End end_;
};

struct Process::Born {
    Birth birth;
    Instant at;  // it may be over before we watch it
};

Result<Held> hold(const Command& command) {
    return hold(command.argv, command.env, command.folder, command.path, stdin_of(command));
}

// Nothing: it was not held, or cannot go on so, and is to be started.
std::optional<Process::Born> Process::go_on(const Surroundings& around, Launch& launch) {
    auto held = std::exchange(launch.held, std::nullopt);
    if (!held) return std::nullopt;
    auto birth = std::move(*held).begun();
    if (!birth) return std::nullopt;
    return Born{*std::move(birth), around.clock.now()};
}

Result<Process::Born> Process::give_birth(const Surroundings& around, const Command& command) {
    auto birth = spawn(command.argv, command.env, command.folder, command.path, stdin_of(command));
    if (!birth) return std::unexpected(birth.error());
    return Born{*std::move(birth), around.clock.now()};
}

Result<Process> Process::watch(const Surroundings& around, Born born, Launch launch) {
    const pid_t pid = born.birth.pid;
    const auto entry = read_process(pid);
    if (!entry) {
        abandon(pid);
        return fail(entry.error(), "watch the process");
    }
    try {
        auto watch = std::make_shared<Watch>(around, std::move(launch.command),
                                             std::move(launch.watcher), std::move(born.birth),
                                             *entry ? (*entry)->start_time : 0, born.at);
        watch->watch();
        return Process(std::move(watch));
    } catch (const boost::system::system_error& error) {  // the system has no more room to watch it
        abandon(pid);
        return fail(Errc::unavailable, "watch the process: " + error.code().message());
    }
}

Result<Process> Process::start(const Surroundings& around, Command command, Watcher watcher) {
    std::vector<Launch> one;
    one.push_back({std::move(command), std::move(watcher)});
    return std::move(start(around, std::move(one)).front());
}

std::vector<Result<Process>> Process::start(const Surroundings& around,
                                            std::vector<Launch> launches) {
    for (Launch& launch : launches)
        if (launch.held && !launch.held->let_go()) launch.held.reset();
    std::vector<std::optional<Born>> gone_on;
    gone_on.reserve(launches.size());
    for (Launch& launch : launches) gone_on.push_back(go_on(around, launch));
    std::vector<Result<Born>> born;
    born.reserve(launches.size());
    for (std::size_t i = 0; i < launches.size(); ++i) {
        if (gone_on[i])
            born.push_back(*std::move(gone_on[i]));
        else
            born.push_back(give_birth(around, launches[i].command));
    }
    std::vector<Result<Process>> processes;
    processes.reserve(launches.size());
    for (std::size_t i = 0; i < launches.size(); ++i) {
        if (born[i])
            processes.push_back(watch(around, *std::move(born[i]), std::move(launches[i])));
        else
            processes.push_back(std::unexpected(born[i].error()));
    }
    return processes;
}

const Identity& Process::identity() const { return watch_->identity(); }
Instant Process::started() const { return watch_->started(); }
void Process::stop(Stop why) const { watch_->stop(why); }
void Process::kill() const { watch_->kill(); }

}  // namespace cjv::runner

#include "runner/spawn.h"

#include "runner/pidfd.h"
#include "runner/program.h"

#include <sys/wait.h>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>
#include <cerrno>
#include <system_error>

namespace cjv::runner {
namespace {

struct Pipe {
    Fd read, write;
};

Result<Pipe> make_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        return fail(Errc::unavailable, "make a pipe: " + std::generic_category().message(errno));
    return Pipe{Fd(ends[0]), Fd(ends[1])};
}

void do_not_block(const Fd& fd) { ::fcntl(fd.get(), F_SETFL, O_NONBLOCK); }

class Actions {
public:
    Actions() { posix_spawn_file_actions_init(&actions_); }
    ~Actions() { posix_spawn_file_actions_destroy(&actions_); }
    Actions(const Actions&) = delete;
    posix_spawn_file_actions_t* get() { return &actions_; }

private:
    posix_spawn_file_actions_t actions_;
};

class Attributes {
public:
    Attributes() {
        posix_spawnattr_init(&attributes_);
        sigset_t all, none;
        sigfillset(&all);
        sigemptyset(&none);
        posix_spawnattr_setsigdefault(&attributes_, &all);
        posix_spawnattr_setsigmask(&attributes_, &none);
        posix_spawnattr_setflags(
            &attributes_, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    }
    ~Attributes() { posix_spawnattr_destroy(&attributes_); }
    Attributes(const Attributes&) = delete;
    const posix_spawnattr_t* get() const { return &attributes_; }

private:
    posix_spawnattr_t attributes_;
};

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
    pointers.push_back(nullptr);
    return pointers;
}

std::unexpected<Error> cannot_spawn(const std::string& program, int error) {
    switch (error) {
        case ENOEXEC:
            return fail(Errc::bad_input,
                        "not a program: " + program +
                            " is neither a binary for this machine nor starts with #!");
        case ENOENT:  // the file itself was there a moment ago
            return fail(Errc::not_found,
                        "no such interpreter: the one that " + program + " asks for");
        case E2BIG:
            return fail(Errc::bad_input, "arguments and environment are too long for the system");
        default:
            return fail(error == EACCES || error == EPERM ? Errc::forbidden : Errc::unavailable,
                        "start " + program + ": " + std::generic_category().message(error));
    }
}

}  // namespace

Result<Birth> spawn(const std::vector<std::string>& argv, const std::vector<std::string>& env,
                    const std::string& folder, const std::string& path, Stdin in) {
    const auto program = find_program(argv.empty() ? "" : argv.front(), path);
    if (!program) return std::unexpected(program.error());
    if (const auto fit = check_folder(folder); !fit) return std::unexpected(fit.error());

    auto from_out = make_pipe(), from_err = make_pipe();
    if (!from_out || !from_err) return std::unexpected((from_out ? from_err : from_out).error());
    Pipe to_in;
    if (in == Stdin::pipe) {
        auto made = make_pipe();
        if (!made) return std::unexpected(made.error());
        to_in = std::move(*made);
    }

    Actions actions;
    if (in == Stdin::pipe)
        posix_spawn_file_actions_adddup2(actions.get(), to_in.read.get(), STDIN_FILENO);
    else
        posix_spawn_file_actions_addopen(actions.get(), STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(actions.get(), from_out->write.get(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(actions.get(), from_err->write.get(), STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(actions.get(), STDERR_FILENO + 1);
    posix_spawn_file_actions_addchdir_np(actions.get(), folder.c_str());

    pid_t pid = 0;
    const int error = ::posix_spawn(&pid, program->c_str(), actions.get(), Attributes().get(),
                                    pointers(argv).data(), pointers(env).data());
    if (error != 0) return cannot_spawn(*program, error);

    Birth birth{pid, open_pidfd(pid), std::move(from_out->read), std::move(from_err->read),
                std::move(to_in.write)};
    if (!birth.pidfd) {
        const int why = errno;
        abandon(pid);
        return fail(Errc::unavailable,
                    "watch the process: " + std::generic_category().message(why));
    }
    do_not_block(birth.out);
    do_not_block(birth.err);
    if (birth.in) do_not_block(birth.in);
    return birth;
}

void abandon(pid_t pid) {
    ::kill(-pid, SIGKILL);
    siginfo_t gone{};
    ::waitid(P_PID, id_t(pid), &gone, WEXITED);
}

}  // namespace cjv::runner

#include "runner/spawn.h"

#include "runner/pidfd.h"
#include "runner/program.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>
#include <array>
#include <atomic>
#include <cerrno>
#include <span>
#include <system_error>

// The bytes of holder.cpp's program; none where this kind of machine has none.
extern "C" const char cjv_holder[], cjv_holder_end[];

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

// A descriptor of ours that the process has as another.
struct Passed {
    int from, to;
};

// What the process is, said so that posix_spawn understands it.
struct Program {
    const char* file;
    std::span<char* const> argv;
    const std::vector<std::string>& env;
};

Result<Birth> give_birth(const Program& program, const std::string& folder, Stdin in,
                         std::span<const Passed> passed) {
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
    for (const Passed& one : passed)
        posix_spawn_file_actions_adddup2(actions.get(), one.from, one.to);
    posix_spawn_file_actions_addclosefrom_np(actions.get(), STDERR_FILENO + 1 + int(passed.size()));
    posix_spawn_file_actions_addchdir_np(actions.get(), folder.c_str());

    pid_t pid = 0;
    const int error = ::posix_spawn(&pid, program.file, actions.get(), Attributes().get(),
                                    program.argv.data(), pointers(program.env).data());
    if (error != 0) return cannot_spawn(program.file, error);

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

// The file to run, when program and folder are as they should be.
Result<std::string> look_at(const std::vector<std::string>& argv, const std::string& folder,
                            const std::string& path) {
    auto program = find_program(argv.empty() ? "" : argv.front(), path);
    if (!program) return program;
    if (const auto fit = check_folder(folder); !fit) return std::unexpected(fit.error());
    return program;
}

// The descriptors that holder.cpp knows, and ours for them, which must be others.
constexpr int kWord = 3, kOwnFile = 4, kFirstFree = 5;

Fd above(const Fd& fd) { return Fd(::fcntl(fd.get(), F_DUPFD_CLOEXEC, kFirstFree)); }

#ifndef MFD_EXEC  // glibc before 2.38
#define MFD_EXEC 0x0010U
#endif

// Kernels before 6.3 do not know MFD_EXEC; later ones may want it.
Fd make_memory_file() {
    constexpr unsigned kFlags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    Fd file(::memfd_create("cron-job-viewer-holder", kFlags | MFD_EXEC));
    if (!file && errno == EINVAL) file = Fd(::memfd_create("cron-job-viewer-holder", kFlags));
    return file;
}

// The program that waits, as a file that no folder has. Closed: the system has no room for it, or forbids it.
Fd make_holder_file() {
    const Fd made = make_memory_file();
    if (!made) return {};
    const ssize_t size = cjv_holder_end - cjv_holder;
    if (size == 0 || ::write(made.get(), cjv_holder, std::size_t(size)) != size) return {};
    // Nobody writes to it any more, whoever may open it.
    if (::fcntl(made.get(), F_ADD_SEALS,
                F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0)
        return {};
    return above(made);
}

// What a system forbids is not asked of it again.
std::atomic<bool> is_holding_forbidden = false;

const Fd& holder_file() {
    static const Fd file = make_holder_file();
    return file;
}

}  // namespace

Result<Birth> spawn(const std::vector<std::string>& argv, const std::vector<std::string>& env,
                    const std::string& folder, const std::string& path, Stdin in) {
    const auto program = look_at(argv, folder, path);
    if (!program) return std::unexpected(program.error());
    return give_birth({.file = program->c_str(), .argv = pointers(argv), .env = env}, folder, in,
                      {});
}

Result<Held> hold(const std::vector<std::string>& argv, const std::vector<std::string>& env,
                  const std::string& folder, const std::string& path, Stdin in) {
    const auto program = look_at(argv, folder, path);
    if (!program) return std::unexpected(program.error());
    if (is_holding_forbidden)
        return fail(Errc::unavailable, "hold a process: the system forbids memory files that run");
    if (!holder_file()) return fail(Errc::unavailable, "hold a process: no memory file");

    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return fail(Errc::unavailable, "make a socket: " + std::generic_category().message(errno));
    Fd ours(ends[0]);
    const Fd theirs = above(Fd(ends[1]));
    if (!theirs) return fail(Errc::unavailable, "hold a process: no descriptor is left");
    const std::array<Passed, 2> passed{{{theirs.get(), kWord}, {holder_file().get(), kOwnFile}}};

    std::vector<char*> words = pointers(argv);
    words.insert(words.begin(), const_cast<char*>(program->c_str()));
    auto birth =
        give_birth({.file = "/proc/self/fd/4", .argv = words, .env = env}, folder, in, passed);
    if (!birth) {
        if (birth.error().code == Errc::forbidden) is_holding_forbidden = true;
        return fail(Errc::unavailable, "hold a process: " + birth.error().what);
    }
    return Held(*std::move(birth), std::move(ours));
}

// --- Held

Held::Held(Birth birth, Fd word) : birth_(std::move(birth)), word_(std::move(word)) {}

Held::Held(Held&& other) noexcept : birth_(std::move(other.birth_)), word_(std::move(other.word_)) {
    other.birth_.pid = 0;
}

Held::~Held() {
    if (birth_.pid != 0) abandon(birth_.pid);
}

bool Held::let_go() { return ::send(word_.get(), "", 1, MSG_NOSIGNAL) == 1; }

// exec() closes the other end. A byte says that it failed, and an error that nobody has read the word.
std::optional<Birth> Held::begun() && {
    char failed = 0;
    ssize_t got = 0;
    do {
        got = ::recv(word_.get(), &failed, 1, 0);
    } while (got < 0 && errno == EINTR);
    if (got != 0) return std::nullopt;
    Birth birth = std::move(birth_);
    birth_.pid = 0;
    return birth;
}

void abandon(pid_t pid) {
    ::kill(-pid, SIGKILL);
    siginfo_t gone{};
    ::waitid(P_PID, id_t(pid), &gone, WEXITED);
}

}  // namespace cjv::runner

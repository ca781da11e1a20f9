#include "app/data_dir.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <thread>
#include <utility>

namespace cjv::app {
namespace {

std::string because(const std::string& what) { return what + ": " + std::strerror(errno); }

long pid_in(int lock) {
    char text[32] = {};
    const ssize_t size = pread(lock, text, sizeof text - 1, 0);
    return size > 0 ? std::strtol(text, nullptr, 10) : 0;
}

// A command that was about to start when its server was killed keeps the lock until it has become its program: a moment,
// longer on a busy machine. So where the owner is gone we wait for it, two seconds at most.
bool take(int lock) {
    for (int waits = 0; flock(lock, LOCK_EX | LOCK_NB) != 0; ++waits) {
        const long owner = pid_in(lock);
        const bool is_gone = owner > 0 && kill(pid_t(owner), 0) != 0 && errno == ESRCH;
        if (!is_gone || waits == 200) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return true;
}

}  // namespace

Result<DataDir> DataDir::open(const std::string& path) {
    std::error_code error;
    const bool made = std::filesystem::create_directories(path, error);
    if (error)
        return fail(Errc::unavailable, "cannot make the data folder " + path + ": " +
                                           error.message() + "; choose another with --data-dir");
    if (made && chmod(path.c_str(), 0700) != 0)
        return fail(Errc::unavailable, because("cannot protect the data folder " + path));

    const std::string name = path + "/lock";
    const int lock = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock < 0)
        return fail(Errc::unavailable, because("cannot write in the data folder " + path));
    DataDir data(path, lock);
    if (!take(lock))
        return fail(Errc::conflict, "another process has the data folder " + path + " (pid " +
                                        std::to_string(pid_in(lock)) +
                                        "); stop it, or choose another folder with --data-dir");

    const std::string pid = std::to_string(getpid()) + "\n";
    if (ftruncate(lock, 0) != 0 || pwrite(lock, pid.data(), pid.size(), 0) < 0)
        return fail(Errc::unavailable, because("cannot write " + name));
    return data;
}

long DataDir::owner(const std::string& path) {
    const int lock = ::open((path + "/lock").c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (lock < 0) return 0;
    // Taken for a moment where nobody has it: two that only ask do not disturb one another (shared).
    const bool taken = flock(lock, LOCK_SH | LOCK_NB) != 0;
    const long pid = taken ? pid_in(lock) : 0;
    close(lock);
    return pid;
}

DataDir::DataDir(DataDir&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

DataDir::~DataDir() {
    if (lock_ >= 0) close(lock_);
}

std::string DataDir::file(std::string_view name) const { return path_ + "/" + std::string(name); }

std::string control_socket(const std::string& data_dir) { return data_dir + "/control.sock"; }

}  // namespace cjv::app

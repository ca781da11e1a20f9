#pragma once
// A program that a test starts, signals and ends by its pid. The kernel ends it when the test dies.

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace cjv::support {

class Child {
public:
    explicit Child(std::vector<std::string> command) {
        // The thread that starts it must live as long as it: the kernel looks at threads here.
        command.insert(command.begin(), {"setpriv", "--pdeathsig", "KILL"});
        std::vector<char*> argv;
        for (auto& word : command) argv.push_back(word.data());
        argv.push_back(nullptr);
        if (posix_spawnp(&pid_, argv[0], nullptr, nullptr, argv.data(), environ) != 0)
            throw std::runtime_error("cannot start " + command[3]);
    }
    ~Child() { kill(); }
    Child(const Child&) = delete;

    pid_t pid() const { return pid_; }
    void signal(int number) const {
        if (pid_ > 0) ::kill(pid_, number);
    }
    bool has_ended() {
        if (pid_ > 0 && ::waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = 0;
        return pid_ == 0;
    }
    void kill() {
        signal(SIGKILL);
        (void)wait();
    }
    // How it ended, as waitpid says.
    int wait() {
        int status = 0;
        const pid_t pid = std::exchange(pid_, 0);
        if (pid > 0) ::waitpid(pid, &status, 0);
        return status;
    }

private:
    pid_t pid_ = 0;
};

// For what only prepares a test.
inline void must_run(std::vector<std::string> command) {
    const std::string name = command.front();
    if (const int status = Child(std::move(command)).wait(); status != 0)
        throw std::runtime_error(name + " ended with " + std::to_string(status));
}

}  // namespace cjv::support

#pragma once
// The moment of birth: pipes, posix_spawn, a pidfd. What happens then is process.h's business.

#include "base/error.h"
#include "runner/fd.h"

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace cjv::runner {

struct Birth {
    pid_t pid = 0;
    Fd pidfd;     // readable when it has ended
    Fd out, err;  // what it prints; do not block
    Fd in;        // what it reads; does not block; closed where it reads from /dev/null
};

enum class Stdin { empty, pipe };

// Starts `argv` as the leader of a session and group of its own, with exactly `env`, in `folder`,
// with signals as they are by default and no descriptors but 0, 1 and 2. The program is argv's
// first element, or found on `path`. The caller's own descriptors 0 to 2 are open, and it ignores
// SIGPIPE, not SIGCHLD. An error says what was wrong with the command, folder or system.
Result<Birth> spawn(const std::vector<std::string>& argv, const std::vector<std::string>& env,
                    const std::string& folder, const std::string& path, Stdin in);

// A process as spawn() makes it, but for its program, which waits for a word: then a start costs no more than exec().
// It ends when nobody can say the word any more: with this object, or with the server.
class Held {
public:
    Held(Held&& other) noexcept;
    Held& operator=(Held&&) = delete;
    ~Held();

    // Says the word, and does not wait. False: the process is gone already.
    bool let_go();
    // After the word: waits until it is its program. Nothing: it is not, and is gone; spawn() says why, or does it.
    std::optional<Birth> begun() &&;

private:
    friend Result<Held> hold(const std::vector<std::string>& argv,
                             const std::vector<std::string>& env, const std::string& folder,
                             const std::string& path, Stdin in);
    Held(Birth birth, Fd word);

    Birth birth_;
    Fd word_;
};

// As spawn(). `unavailable` where the system or this kind of machine cannot do it: spawn() may still.
Result<Held> hold(const std::vector<std::string>& argv, const std::vector<std::string>& env,
                  const std::string& folder, const std::string& path, Stdin in);

// Kills the group of a process just spawned, and reaps it: what cannot be watched must not run.
void abandon(pid_t pid);

}  // namespace cjv::runner

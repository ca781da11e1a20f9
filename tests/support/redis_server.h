#pragma once
// A real redis-server of a test's own: a free port, a folder of its own, killed, paused and started
// again as the test likes. Keeps nothing on disk unless its settings say so.

#include "support/child.h"
#include "support/connection.h"
#include "support/free_port.h"
#include "support/temp_folder.h"
#include "support/wait.h"

#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace cjv::support {

class RedisServer {
public:
    using Settings = std::vector<std::string>;  // "--name", "value", …

    explicit RedisServer(Settings settings = {}) : settings_(std::move(settings)) { start(); }

    std::uint16_t port() const { return port_; }
    std::string url() const { return "redis://127.0.0.1:" + std::to_string(port_) + "/0"; }
    std::string socket() const { return folder_.path() / "redis.sock"; }
    const TempFolder& folder() const { return folder_; }

    // Returns when it listens on its socket; whether it answers is another matter (LOADING).
    void start(const Settings& more = {}) {
        // Between our look at the port and its own, somebody else may have taken it.
        for (int attempt = 0; attempt < 5; ++attempt) {
            if (attempt > 0 && is_new_) port_ = free_port();
            launch(more);
            if (until([this] { return listens() || child_->has_ended(); }) && listens()) {
                is_new_ = false;
                return;
            }
        }
        std::ifstream log(folder_.path() / "redis.log");
        throw std::runtime_error("redis-server does not start:\n" +
                                 std::string(std::istreambuf_iterator<char>(log), {}));
    }
    void kill() { child_.reset(); }
    void pause() { child_->signal(SIGSTOP); }
    void resume() { child_->signal(SIGCONT); }

    // One command over its socket, without our client; the first line of the reply.
    std::string command(std::string_view inline_command) const {
        Connection connection(socket());
        connection.send(std::string(inline_command) + "\r\n");
        auto line = connection.until("\r\n");
        return line.substr(0, line.size() - 2);
    }

private:
    void launch(const Settings& more) {
        std::vector<std::string> command = {"redis-server",
                                            "--port",
                                            std::to_string(port_),
                                            "--bind",
                                            "127.0.0.1",
                                            "--dir",
                                            folder_.path(),
                                            "--unixsocket",
                                            socket(),
                                            "--save",
                                            "",
                                            "--logfile",
                                            "redis.log"};
        command.insert(command.end(), settings_.begin(), settings_.end());
        command.insert(command.end(), more.begin(), more.end());
        ::unlink(socket().c_str());
        child_.emplace(std::move(command));
    }
    bool listens() const {
        try {
            const Connection probe(socket());
            return true;
        } catch (const std::runtime_error&) {
            return false;
        }
    }

    TempFolder folder_;
    const Settings settings_;
    std::uint16_t port_ = free_port();
    bool is_new_ = true;  // nobody knows its port yet
    std::optional<Child> child_;
};

}  // namespace cjv::support

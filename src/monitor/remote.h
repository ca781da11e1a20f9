#pragma once
// Questions to the workers, by Celery's remote control, and their answers.

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "celery/control.h"
#include "celery/control_reply.h"
#include "net/redis.h"

namespace cjv::monitor {

// Any thread but the io thread; several may ask at a time.
class Remote {
public:
    // `random` fills bytes for ids. All must outlive it.
    Remote(net::Redis& redis, celery::Transport transport, const Clock& clock,
           std::function<void(std::span<std::uint8_t>)> random);

    // Asks nothing back. An empty destination is every worker.
    Result<void> tell(const celery::ControlCommand& command,
                      std::vector<std::string> destination = {});

    // The answers to each command. Returns when all of a destination have answered all commands, else after
    // `patience`: who is missing has not answered. `unavailable` when Redis is away.
    using Answers = std::vector<std::vector<celery::ControlReply>>;
    Result<Answers> ask(std::span<const celery::ControlCommand> commands,
                        const std::vector<std::string>& destination,
                        std::chrono::milliseconds patience);

    // Takes the list of our answers off Redis, and what leads there.
    void leave();

private:
    std::string new_id();
    Result<void> write(const net::Commands& commands);
    // Never where every worker is asked: nobody knows how many there are.
    bool have_all(std::span<const std::string> tickets, std::size_t workers);
    Result<void> collect(celery::ReplyReader& reader);

    net::Redis& redis_;
    const celery::Transport transport_;
    const Clock& clock_;
    const std::function<void(std::span<std::uint8_t>)> random_;
    const std::string reply_to_;
    const std::string replies_;  // the list

    std::mutex mutex_;
    // By ticket, for those who wait.
    std::map<std::string, std::vector<celery::ControlReply>> answers_;
};

}  // namespace cjv::monitor

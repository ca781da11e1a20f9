#pragma once
// One connection to Redis that comes back: it connects, logs in, reads, asks into silence, and begins
// again after a pause. What is said on it is its Talk's business. For net's own sources.

#include "base/log.h"
#include "net/redis_options.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <cstdint>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace cjv::net {

class Stream;

// Calls the watcher where there is one. What it throws is logged: the connection goes on without it.
void tell(const RedisWatcher& watcher, const RedisState& state, Log& log);

// What is said on a line: commands and replies (redis.cpp), or messages of channels
// (redis_subscriber.cpp). All calls come on the io thread; none may wait or throw.
class RedisTalk {
public:
    virtual ~RedisTalk() = default;

    // Logged in: it may write from now on.
    virtual void begin() = 0;
    // True when the state may say so: at once, or when all channels are confirmed.
    virtual bool is_ready() const = 0;
    // Where the next reply goes. The same until it is whole.
    virtual Replies& into() = 0;
    // It is whole. An error ends the connection.
    virtual Result<void> take_reply() = 0;
    virtual void ping() = 0;
    virtual std::optional<Steady> waiting_since() const = 0;
    // The connection is gone, and what was written may have arrived or not. `written` of the bytes that
    // were given to write() since begin() left.
    virtual void end(const Error& why, std::uint64_t written) = 0;
    virtual void state_changed(const RedisState& state) = 0;
};

class RedisLine : public std::enable_shared_from_this<RedisLine> {
public:
    // `talk` must live until wait_until_ended() has returned.
    RedisLine(boost::asio::io_context& io, RedisOptions options, RedisTalk& talk,
              const Clock& clock, Log& log);
    ~RedisLine();

    // On the io thread, all of these.
    void start();
    void stop();
    void write(std::string bytes);  // between begin() and end()
    bool is_up() const { return is_up_; }
    std::size_t unsent() const { return unsent_; }
    std::uint64_t accepted() const { return accepted_; }  // bytes given to write() since begin()

    // Any thread.
    RedisState state() const;
    // After stop(), once, and not on the io thread. Nothing touches the talk afterwards.
    void wait_until_ended();

private:
    template <class T>
    using Later = boost::asio::awaitable<T>;

    Later<void> loop(std::shared_ptr<RedisLine> self);
    Later<Error> live();
    Later<Result<void>> open();
    Later<Result<void>> log_in();
    Later<Error> read();
    Later<void> write_out(std::shared_ptr<RedisLine> self, std::shared_ptr<Stream> stream);
    Later<void> watch(std::shared_ptr<RedisLine> self, std::shared_ptr<Stream> stream);
    Result<bool> take_replies(std::string_view bytes);
    void break_off(Error why);
    void say_ready();
    void say_away(const Error& why);
    void publish(const RedisState& state);

    boost::asio::io_context& io_;
    const RedisOptions options_;
    RedisTalk& talk_;
    const Clock& clock_;
    Log& log_;
    std::mt19937_64 chance_;
    boost::asio::steady_timer pause_;  // between connections
    boost::asio::steady_timer check_;  // of the silence
    bool is_stopping_ = false;

    std::shared_ptr<Stream> stream_;  // of the connection that is being made or there
    std::unique_ptr<ReplyReader> reader_;
    std::vector<char> buffer_;
    std::optional<Error> broken_off_;  // why we closed it ourselves
    bool is_up_ = false;               // between begin() and end()
    bool is_writing_ = false;
    std::vector<std::string> outgoing_;
    std::size_t unsent_ = 0;
    std::uint64_t accepted_ = 0, written_ = 0;
    Steady heard_{};

    std::promise<void> ended_;
    mutable std::mutex mutex_;
    RedisState state_;
};

}  // namespace cjv::net

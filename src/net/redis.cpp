#include "net/redis.h"

#include "net/redis_line.h"

#include <deque>
#include <exception>
#include <future>
#include <utility>

namespace cjv::net {
namespace {

std::unexpected<Unanswered> unanswered(Error error, bool maybe_done) {
    return std::unexpected(Unanswered{std::move(error), maybe_done});
}

}  // namespace

struct Redis::Parts final : RedisTalk {
    Parts(IoThread& its_io, RedisOptions options, RedisWatcher its_watcher, const Clock& its_clock,
          Log& its_log)
        : io(its_io),
          unsent_bytes(options.unsent_bytes),
          watcher(std::move(its_watcher)),
          clock(its_clock),
          log(its_log),
          line(std::make_shared<RedisLine>(io.context(), std::move(options), *this, clock, log)) {}

    // Commands that were written and whose replies have not all come.
    struct Asked {
        std::size_t count;
        std::uint64_t begins_at;  // in the bytes of this connection
        Steady since;
        std::function<void(Answer)> then;
        Replies replies = {};
    };

    void send(Commands commands, std::function<void(Answer)> then, std::int64_t connection) {
        if (commands.empty()) return answer(then, Replies{});
        const RedisState state = line->state();
        if (!line->is_up() || !state.is_ready())
            return answer(then, unanswered({Errc::unavailable, not_ready(state)}, false));
        if (connection != kAnyConnection && connection != state.connection)
            return answer(
                then,
                unanswered({Errc::unavailable, "the connection was renewed in between"}, false));
        if (line->unsent() > 0 && line->unsent() + commands.bytes().size() > unsent_bytes)
            return answer(
                then, unanswered({Errc::throttled, "Redis does not take what we send fast enough"},
                                 false));
        asked.push_back({commands.count(), line->accepted(), clock.steady(), std::move(then)});
        line->write(std::move(commands).take_bytes());
    }

    static std::string not_ready(const RedisState& state) {
        return state.is == RedisState::Is::away ? state.detail : "not connected to Redis yet";
    }

    // What a caller of ours throws must not end the connection of all others.
    void answer(const std::function<void(Answer)>& then, Answer answer) {
        try {
            then(std::move(answer));
        } catch (const std::exception& error) {
            log.error("redis.answer_failed", {{"error", std::string_view(error.what())}});
        }
    }

    void begin() override {}
    bool is_ready() const override { return true; }

    Replies& into() override { return asked.empty() ? unasked : asked.front().replies; }

    Result<void> take_reply() override {
        if (asked.empty()) return fail(Errc::corrupt, "the server says what nobody asked");
        if (asked.front().replies.size() < asked.front().count) return {};
        Asked done = std::move(asked.front());
        asked.pop_front();
        answer(done.then, std::move(done.replies));
        return {};
    }

    void ping() override {
        Commands commands{"PING"};
        asked.push_back({1, line->accepted(), clock.steady(), [](const Answer&) {}});
        line->write(std::move(commands).take_bytes());
    }

    std::optional<Steady> waiting_since() const override {
        return asked.empty() ? std::nullopt : std::optional(asked.front().since);
    }

    void end(const Error& why, std::uint64_t written) override {
        unasked.clear();
        for (Asked& one : std::exchange(asked, {}))
            answer(one.then, unanswered(why, one.begins_at < written));
    }

    void state_changed(const RedisState& state) override { tell(watcher, state, log); }

    IoThread& io;
    const std::size_t unsent_bytes;
    const RedisWatcher watcher;
    const Clock& clock;
    Log& log;
    std::deque<Asked> asked;
    Replies unasked;
    const std::shared_ptr<RedisLine> line;
};

Redis::Redis(IoThread& io, RedisOptions options, RedisWatcher watcher, const Clock& clock, Log& log)
    : parts_(std::make_unique<Parts>(io, std::move(options), std::move(watcher), clock, log)) {
    io.post([line = parts_->line] { line->start(); });
}

Redis::~Redis() {
    parts_->io.post([line = parts_->line] { line->stop(); });
    parts_->line->wait_until_ended();
}

void Redis::send(Commands commands, std::function<void(Answer)> then, std::int64_t connection) {
    // A function that is posted must be copyable, and the commands shall not be copied.
    auto shared = std::make_shared<Commands>(std::move(commands));
    parts_->io.post(
        [parts = parts_.get(), shared = std::move(shared), then = std::move(then),
         connection]() mutable { parts->send(std::move(*shared), std::move(then), connection); });
}

Answer Redis::ask(Commands commands, std::int64_t connection) {
    const auto answered = std::make_shared<std::promise<Answer>>();
    send(
        std::move(commands), [answered](Answer answer) { answered->set_value(std::move(answer)); },
        connection);
    return answered->get_future().get();
}

RedisState Redis::state() const { return parts_->line->state(); }

}  // namespace cjv::net

#include "net/redis_subscriber.h"

#include "net/redis_line.h"

#include <exception>
#include <utility>

namespace cjv::net {
// Redis in this state answers with arrays: ["subscribe", channel, count], ["message", channel, payload],
// ["pmessage", pattern, channel, payload] and ["pong", ""].
struct RedisSubscriber::Parts final : RedisTalk {
    Parts(IoThread& its_io, RedisOptions options, RedisChannels its_channels,
          std::function<void(const RedisMessage&)> its_take, RedisWatcher its_watcher,
          const Clock& its_clock, Log& its_log)
        : io(its_io),
          channels(std::move(its_channels)),
          take(std::move(its_take)),
          watcher(std::move(its_watcher)),
          clock(its_clock),
          log(its_log),
          line(std::make_shared<RedisLine>(io.context(), std::move(options), *this, clock, log)) {}

    void begin() override {
        Commands commands;
        for (const auto& name : channels.names) commands.add({"SUBSCRIBE", name});
        for (const auto& pattern : channels.patterns) commands.add({"PSUBSCRIBE", pattern});
        unconfirmed = commands.count();
        since = clock.steady();
        is_pinged = false;
        line->write(std::move(commands).take_bytes());
    }

    bool is_ready() const override { return unconfirmed == 0; }
    Replies& into() override { return replies; }

    Result<void> take_reply() override {
        const Reply reply = replies[0];
        const auto kind = reply[0].text();
        Result<void> result;
        if (kind == "pmessage")
            deliver({reply[2].text(), reply[3].text()});
        else if (kind == "message")
            deliver({reply[1].text(), reply[2].text()});
        else
            result = take_other(reply, kind);
        replies.clear();
        return result;
    }

    Result<void> take_other(const Reply& reply, std::string_view kind) {
        if (kind == "subscribe" || kind == "psubscribe") {
            if (unconfirmed > 0) --unconfirmed;
            since = clock.steady();
            return {};
        }
        if (kind == "pong" || reply.is(ReplyType::status)) {
            is_pinged = false;
            return {};
        }
        if (reply.is(ReplyType::error)) return fail(Errc::unavailable, sentence(reply));
        return fail(Errc::corrupt, "the server says what no subscriber expects");
    }

    void deliver(const RedisMessage& message) {
        try {
            take(message);
        } catch (const std::exception& error) {
            log.error("redis.message_failed", {{"error", std::string_view(error.what())}});
        }
    }

    void ping() override {
        Commands commands{"PING"};
        is_pinged = true;
        since = clock.steady();
        line->write(std::move(commands).take_bytes());
    }

    std::optional<Steady> waiting_since() const override {
        return unconfirmed > 0 || is_pinged ? std::optional(since) : std::nullopt;
    }

    void end(const Error&, std::uint64_t) override { replies.clear(); }

    void state_changed(const RedisState& state) override { tell(watcher, state, log); }

    IoThread& io;
    const RedisChannels channels;
    const std::function<void(const RedisMessage&)> take;
    const RedisWatcher watcher;
    const Clock& clock;
    Log& log;
    Replies replies;
    std::size_t unconfirmed = 0;
    bool is_pinged = false;
    Steady since{};  // when the last thing that we wait for began
    const std::shared_ptr<RedisLine> line;
};

RedisSubscriber::RedisSubscriber(IoThread& io, RedisOptions options, RedisChannels channels,
                                 std::function<void(const RedisMessage&)> take,
                                 RedisWatcher watcher, const Clock& clock, Log& log)
    : parts_(std::make_unique<Parts>(io, std::move(options), std::move(channels), std::move(take),
                                     std::move(watcher), clock, log)) {
    io.post([line = parts_->line] { line->start(); });
}

RedisSubscriber::~RedisSubscriber() {
    parts_->io.post([line = parts_->line] { line->stop(); });
    parts_->line->wait_until_ended();
}

RedisState RedisSubscriber::state() const { return parts_->line->state(); }

}  // namespace cjv::net

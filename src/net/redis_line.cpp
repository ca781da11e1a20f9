#include "net/redis_line.h"

#include "net/stream.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace cjv::net {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using Failure = Stream::Failure;
using Is = RedisState::Is;

// Redis sends what waits for a subscriber in pieces of 16 to 64 KiB.
constexpr std::size_t kReadBytes = 128 << 10;
// Small writes that come while one is under way travel together.
constexpr std::size_t kJoinedBytes = 64 << 10;
// A request may begin right after a check, and its patience may be shorter than the silence's.
constexpr std::chrono::microseconds kCheckEvery = std::chrono::seconds{1};
// A connection that lived for less counts as a failed attempt, so that the pauses grow.
constexpr std::chrono::seconds kGoodLife{10};

// Whether a connection is of no use when its first commands are answered so.
bool keeps_out(Trouble trouble) {
    switch (trouble) {
        case Trouble::loading:
        case Trouble::not_authenticated:
        case Trouble::wrong_password:
        case Trouble::master_down:
        case Trouble::too_many_clients:
        case Trouble::protected_mode: return true;
        default: return false;
    }
}

}  // namespace

void tell(const RedisWatcher& watcher, const RedisState& state, Log& log) {
    if (!watcher) return;
    try {
        watcher(state);
    } catch (const std::exception& error) {
        log.error("redis.watcher_failed", {{"error", std::string_view(error.what())}});
    }
}

std::string_view to_text(RedisState::Is is) {
    switch (is) {
        case Is::connecting: return "connecting";
        case Is::ready: return "ready";
        case Is::away: return "away";
    }
    return "";
}

RedisLine::RedisLine(asio::io_context& io, RedisOptions options, RedisTalk& talk,
                     const Clock& clock, Log& log)
    : io_(io),
      options_(std::move(options)),
      talk_(talk),
      clock_(clock),
      log_(log),
      chance_(options_.seed),
      pause_(io),
      check_(io),
      buffer_(kReadBytes),
      state_{.since = clock.now()} {}

RedisLine::~RedisLine() = default;

void RedisLine::start() {
    asio::co_spawn(
        io_, loop(shared_from_this()),
        [self = shared_from_this()](const std::exception_ptr&) { self->ended_.set_value(); });
}

void RedisLine::wait_until_ended() { ended_.get_future().wait(); }

void RedisLine::stop() {
    is_stopping_ = true;
    pause_.cancel();
    break_off({Errc::unavailable, "we are stopping"});
}

void RedisLine::break_off(Error why) {
    if (!broken_off_) broken_off_ = std::move(why);
    check_.cancel();
    if (stream_) stream_->close();
}

awaitable<void> RedisLine::loop(std::shared_ptr<RedisLine> self) {
    for (int failures = 1; !is_stopping_; ++failures) {
        const Steady began = clock_.steady();
        const auto connections = state_.connection;
        Error why{Errc::unavailable, {}};
        try {
            why = co_await live();
        } catch (const std::exception& error) {  // the one catch: out of memory, or a fault of ours
            why.what = std::string("a fault of ours: ") + error.what();
            log_.error("redis.line_failed", {{"error", std::string_view(error.what())}});
        }
        why = std::exchange(broken_off_, std::nullopt).value_or(std::move(why));
        if (std::exchange(is_up_, false)) talk_.end(why, written_);
        stream_.reset();
        if (is_stopping_) break;
        say_away(why);
        if (state_.connection > connections && clock_.steady() - began >= kGoodLife) failures = 1;

        std::uniform_real_distribution<double> any(0.0, 1.0);
        pause_.expires_after(pause_after(failures, any(chance_), options_.backoff));
        Failure ignored;
        co_await pause_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
}

// One connection from its first byte to its last; why it ended.
awaitable<Error> RedisLine::live() {
    reader_ = std::make_unique<ReplyReader>(options_.limits);
    outgoing_.clear();
    unsent_ = 0;
    accepted_ = written_ = 0;
    is_writing_ = false;
    stream_ = std::make_shared<Stream>(io_);
    if (auto opened = co_await open(); !opened) co_return opened.error();

    heard_ = clock_.steady();
    is_up_ = true;
    talk_.begin();
    if (talk_.is_ready()) say_ready();
    asio::co_spawn(io_, watch(shared_from_this(), stream_), asio::detached);
    co_return co_await read();
}

// All of it within one patience.
awaitable<Result<void>> RedisLine::open() {
    using Steady = std::chrono::steady_clock;
    const auto until = Steady::now() + options_.connect_patience;
    if (auto opened = co_await stream_->open(options_.url, options_.connect_patience); !opened)
        co_return opened;
    // Shared, because its handler may be on its way when we are done.
    const auto guard = std::make_shared<asio::steady_timer>(io_, until);
    guard->async_wait([stream = std::weak_ptr(stream_), guard,
                       self = weak_from_this()](const Failure& cancelled) {
        const auto line = self.lock();
        if (cancelled || !line || stream.lock() != line->stream_ || line->is_up_) return;
        line->break_off({Errc::unavailable, "no answer to the log-in in time"});
    });
    auto result = co_await log_in();
    guard->cancel();
    co_return result;
}

awaitable<Result<void>> RedisLine::log_in() {
    Commands commands;
    const auto& url = options_.url;
    std::size_t must_work = 0;  // the first so many commands
    if (!url.password.empty()) {
        if (url.user.empty())
            commands.add({"AUTH", url.password.reveal()});
        else
            commands.add({"AUTH", url.user, url.password.reveal()});
    }
    if (url.database != 0) commands.add({"SELECT", std::to_string(url.database)});
    must_work = commands.count();
    commands.add({"CLIENT", "SETNAME", options_.client_name});
    commands.add({"PING"});

    Failure failure;
    std::string_view unsent = commands.bytes();
    while (!unsent.empty()) {
        const auto count = co_await stream_->write_some(asio::buffer(unsent), failure);
        if (failure) co_return fail(Errc::unavailable, reason_of(failure));
        unsent.remove_prefix(count);
    }
    Replies replies;
    while (replies.size() < commands.count()) {
        const auto count = co_await stream_->read_some(asio::buffer(buffer_), failure);
        if (failure) co_return fail(Errc::unavailable, reason_of(failure));
        std::string_view bytes(buffer_.data(), count);
        for (;;) {
            const auto next = reader_->next(bytes, replies);
            if (next == ReplyReader::Next::broken)
                co_return fail(Errc::corrupt, reader_->refusal());
            if (next == ReplyReader::Next::more) break;
            const auto last = replies.size() - 1;
            const auto trouble = replies[last].trouble();
            if (trouble == Trouble::none) continue;
            // A user may lack PING or CLIENT, and what matters is refused on its own later.
            if (last < must_work || keeps_out(trouble))
                co_return fail(Errc::unavailable, sentence(replies[last]));
            log_.debug("redis.greeting_refused", {{"error", replies[last].text()}});
        }
    }
    if (replies.size() > commands.count())
        co_return fail(Errc::corrupt, "the server says more than it was asked");
    co_return Result<void>{};
}

awaitable<Error> RedisLine::read() {
    for (;;) {
        Failure failure;
        const auto count = co_await stream_->read_some(asio::buffer(buffer_), failure);
        if (failure) co_return Error{Errc::unavailable, reason_of(failure)};
        const auto taken = take_replies({buffer_.data(), count});
        if (!taken) co_return taken.error();
        if (*taken) heard_ = clock_.steady();
        if (!state_.is_ready() && talk_.is_ready()) say_ready();
    }
}

// Whether a whole one was among them.
Result<bool> RedisLine::take_replies(std::string_view bytes) {
    bool any = false;
    for (;;) {
        switch (reader_->next(bytes, talk_.into())) {
            case ReplyReader::Next::more: return any;
            case ReplyReader::Next::broken: return fail(Errc::corrupt, reader_->refusal());
            case ReplyReader::Next::reply: break;
        }
        any = true;
        if (auto taken = talk_.take_reply(); !taken) return std::unexpected(taken.error());
        if (broken_off_) return any;
    }
}

void RedisLine::write(std::string bytes) {
    accepted_ += bytes.size();
    unsent_ += bytes.size();
    if (!outgoing_.empty() && outgoing_.back().size() + bytes.size() <= kJoinedBytes)
        outgoing_.back() += bytes;
    else
        outgoing_.push_back(std::move(bytes));
    if (std::exchange(is_writing_, true)) return;
    asio::co_spawn(io_, write_out(shared_from_this(), stream_), asio::detached);
}

awaitable<void> RedisLine::write_out(std::shared_ptr<RedisLine> self,
                                     std::shared_ptr<Stream> stream) {
    while (stream == stream_ && !outgoing_.empty()) {
        const auto batch = std::exchange(outgoing_, {});
        for (std::string_view rest : batch) {
            while (!rest.empty()) {
                Failure failure;
                const auto count = co_await stream->write_some(asio::buffer(rest), failure);
                if (stream != stream_) co_return;  // of a connection that is no more
                if (failure) co_return break_off({Errc::unavailable, reason_of(failure)});
                rest.remove_prefix(count);
                unsent_ -= count;
                written_ += count;
                // A full socket that moves again has somebody at its other end; one with room does not.
                if (unsent_ > 0) heard_ = clock_.steady();
            }
        }
    }
    if (stream == stream_) is_writing_ = false;
}

awaitable<void> RedisLine::watch(std::shared_ptr<RedisLine> self, std::shared_ptr<Stream> stream) {
    using Act = Verdict::Act;
    while (stream == stream_ && is_up_ && !broken_off_) {
        const auto verdict =
            judge({heard_, talk_.waiting_since()}, options_.patience, clock_.steady());
        if (verdict.act == Act::give_up) {
            break_off({Errc::unavailable, "no answer in time: the server hangs or is cut off"});
            co_return;
        }
        if (verdict.act == Act::ping) talk_.ping();
        check_.expires_after(verdict.act == Act::wait ? std::min(verdict.again_in, kCheckEvery)
                                                      : kCheckEvery);
        Failure ignored;
        co_await check_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
}

// ---- what is seen

RedisState RedisLine::state() const {
    const std::scoped_lock lock(mutex_);
    return state_;
}

void RedisLine::publish(const RedisState& state) {
    {
        const std::scoped_lock lock(mutex_);
        state_ = state;
    }
    talk_.state_changed(state);
}

void RedisLine::say_ready() {
    log_.info("redis.ready", {{"client", options_.client_name}, {"server", to_text(options_.url)}});
    publish({Is::ready, clock_.now(), {}, state_.connection + 1});
}

// Said once for each reason: a server that is away for hours fills no log.
void RedisLine::say_away(const Error& why) {
    const auto detail = to_text(options_.url) + ": " + why.what;
    if (state_.is == Is::away && state_.detail == detail) return;
    log_.warn("redis.away", {{"client", options_.client_name}, {"error", detail}});
    const auto since = state_.is == Is::away ? state_.since : clock_.now();
    publish({Is::away, since, detail, state_.connection});
}

}  // namespace cjv::net

#include "web/session.h"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <fmt/format.h>

#include <array>
#include <optional>
#include <utility>

namespace cjv::web {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using Error = boost::system::error_code;

// Seconds that each step may take (S-29 of docs/design/guarantees.md).
constexpr std::int64_t kHead = 10;
constexpr std::int64_t kBody = 30;
constexpr std::int64_t kBodyGrace = 5;            // after it a body must come…
constexpr std::int64_t kBodyBytesASecond = 1024;  // …at least so fast
constexpr std::int64_t kIdle = 60;
constexpr std::int64_t kWrite = 30;
constexpr std::int64_t kAnswer = 300;  // the longest that a handler may take
constexpr std::int64_t kLinger = 2;
constexpr std::chrono::seconds kHeartbeat{15};
constexpr std::chrono::milliseconds kFullQueue{100};  // until a piece is asked for again

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

std::string_view Hub::date_at(Instant now) {
    using namespace std::chrono;
    const auto now_second = floor<seconds>(now);
    if (now_second == date_of && !date.empty()) return date;
    date_of = now_second;
    constexpr std::string_view kDays = "SunMonTueWedThuFriSat";
    constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const auto day = floor<days>(now_second);
    const year_month_day ymd{day};
    const hh_mm_ss time{now_second - day};
    const auto two = [](auto value) {
        const auto number = static_cast<unsigned>(value);
        return std::string{char('0' + number / 10), char('0' + number % 10)};
    };
    date = kDays.substr(weekday{day}.c_encoding() * 3, 3);
    date += ", " + two(unsigned(ymd.day())) + " ";
    date += kMonths.substr((unsigned(ymd.month()) - 1) * 3, 3);
    date += " " + std::to_string(int(ymd.year())) + " " + two(time.hours().count()) + ":" +
            two(time.minutes().count()) + ":" + two(time.seconds().count()) + " GMT";
    return date;
}

void Hub::sweep() {
    ++second;
    for (Session* session : sessions)
        if (session->has_expired()) session->close();
}

void Hub::stop_sessions() {
    stopping = true;
    for (Session* session : sessions) session->end_soon();
}

void Hub::close_sessions() {
    for (Session* session : sessions) session->close();
}

Session::Session(Hub& hub, Socket socket, Peer peer, std::function<void()> left)
    : hub_(hub), socket_(std::move(socket)), timer_(hub.io), left_(std::move(left)) {
    request_.peer = std::move(peer);
    hub_.sessions.insert(this);
}

Session::~Session() {
    silence();
    hub_.sessions.erase(this);
    left_();
}

void Session::close() {
    is_over_ = true;
    Error ignored;
    (void)socket_.close(ignored);
    timer_.cancel();
}

// A stream is ended, a connection that waits for a request is closed; others get their answer first.
void Session::end_soon() {
    is_over_ = true;
    timer_.cancel();
    if (is_waiting_) close();
}

void Session::silence() {
    if (waker_) waker_->set({});
}

awaitable<void> Session::run() {
    const auto self = shared_from_this();
    while (!is_over_ && co_await read_request()) {
        if (parser_.state() == Parser::State::refused) co_return co_await refuse();
        parser_.fill(request_);
        request_.now = hub_.clock.now();
        request_.query.clear();
        request_.caller.reset();
        allow_seconds(kAnswer);

        const Route* route = nullptr;
        Response response = co_await respond(request_, route);
        const bool is_endless =
            response.pieces && !response.pieces->size && !parser_.takes_chunks();
        const bool keep_alive =
            parser_.keep_alive() && !response.stream && !is_endless && !is_over_;
        if (!co_await answer(response, keep_alive)) co_return;
        if (response.pieces && request_.method != Method::head) {
            const bool chunks = is_chunked(response, parser_.takes_chunks());
            if (!co_await write_pieces(std::move(response.pieces), chunks)) co_return close();
        }
        if (response.stream && request_.method != Method::head)
            co_return co_await follow(std::move(response.stream), *route);
        if (!keep_alive) co_return co_await linger();
        parser_.next();
    }
}

awaitable<bool> Session::read_request() {
    using State = Parser::State;
    std::int64_t body_since = -1;
    std::int64_t body_bytes = 0;
    State state = parser_.state();
    is_waiting_ = state == State::empty;
    allow_seconds(is_waiting_ ? kIdle : kHead);
    while (state != State::complete && state != State::refused) {
        const auto room = parser_.room();
        Error error;
        const auto count =
            co_await socket_.async_read_some(asio::buffer(room.data(), room.size()),
                                             asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return false;
        if (is_waiting_) allow_seconds(kHead);
        is_waiting_ = false;
        state = parser_.took(count);
        if (state != State::body) continue;

        if (body_since < 0) {
            body_since = hub_.second;
            allow_seconds(kBody);
            if (parser_.expects_continue() && !co_await write(kContinue, {})) co_return false;
            allow_seconds(kBody);
        }
        body_bytes += std::int64_t(count);
        const auto late = hub_.second - body_since - kBodyGrace;
        if (late > 0 && body_bytes < late * kBodyBytesASecond) co_return false;
    }
    co_return true;
}

awaitable<bool> Session::write(std::string_view head, std::string_view body) {
    allow_seconds(kWrite);
    const std::array<asio::const_buffer, 2> buffers = {asio::buffer(head.data(), head.size()),
                                                       asio::buffer(body.data(), body.size())};
    std::size_t written = 0;
    const std::size_t all = head.size() + body.size();
    // As long as bytes go out the other end is alive, so the time begins anew with each piece.
    while (written < all) {
        std::array<asio::const_buffer, 2> rest = buffers;
        const auto from_head = std::min(written, head.size());
        rest[0] += from_head;
        rest[1] += written - from_head;
        Error error;
        const auto count = co_await socket_.async_write_some(
            rest, asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return false;
        written += count;
        allow_seconds(kWrite);
    }
    co_return true;
}

awaitable<bool> Session::answer(Response& response, bool keep_alive) {
    head_.clear();
    append_head(head_, response,
                {.request_id = request_.id,
                 .date = hub_.date_at(request_.now),
                 .keep_alive = keep_alive,
                 .takes_chunks = parser_.takes_chunks()});
    const bool has_body = request_.method != Method::head && !response.stream && !response.pieces &&
                          response.status != 204 && response.status != 304;
    co_return co_await write(head_, has_body ? response.bytes() : std::string_view());
}

// Does `work` on one of the pool's threads; its result comes back to this one. Nothing when the queue is
// full: `work` is then a matter of the caller.
template <class Work>
auto Session::on(Pool& pool, Work work) -> awaitable<decltype(work())> {
    using Out = decltype(work());
    co_return co_await asio::async_initiate<decltype(asio::use_awaitable), void(Out)>(
        [&pool, work = std::move(work)](auto handler) mutable {
            // std::function wants to be copied, and a handler cannot be.
            auto shared = std::make_shared<decltype(handler)>(std::move(handler));
            const auto finish = [shared](Out out) {
                asio::post(asio::get_associated_executor(*shared),
                           [shared, out = std::move(out)]() mutable { (*shared)(std::move(out)); });
            };
            if (!pool.submit([finish, work] { finish(work()); })) finish(Out{});
        },
        asio::use_awaitable);
}

// The next piece is read when the one before it has left. False: the connection must end.
awaitable<bool> Session::write_pieces(std::shared_ptr<Pieces> pieces, bool is_chunked) {
    for (;;) {
        allow_seconds(kAnswer);
        const auto piece = co_await on(hub_.pools.readers, [pieces] {
            return std::make_shared<std::optional<std::string>>(pieces->next());
        });
        if (!piece) {  // the queue is full
            if (is_over_) co_return false;
            timer_.expires_after(kFullQueue);
            Error error;
            co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, error));
            continue;
        }
        if (!*piece) co_return false;
        const std::string& bytes = **piece;
        const std::string frame =
            is_chunked ? fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes) : std::string();
        if (!co_await write(is_chunked ? frame : bytes, {})) co_return false;
        if (bytes.empty()) co_return true;  // as a chunk, it was the last
    }
}

awaitable<Response> Session::respond(Request& request, const Route*& route) {
    Service::Step step = hub_.service.begin(request);
    route = step.route;
    if (step.answer) co_return *std::move(step.answer);
    Service& service = hub_.service;
    if (step.served == Served::stream) co_return service.serve(*route, request);

    Pool& pool = step.served == Served::hashing    ? hub_.pools.hashers
                 : step.served == Served::changing ? hub_.pools.changers
                 : step.served == Served::asking   ? hub_.pools.callers
                                                   : hub_.pools.readers;
    auto response = co_await on(pool, [&service, route, &request] {
        return std::make_shared<Response>(service.serve(*route, request));
    });
    if (!response) co_return service.busy(request, step.served);
    co_return std::move(*response);
}

awaitable<void> Session::refuse() {
    request_.method = Method::get;
    request_.headers.clear();
    request_.now = hub_.clock.now();
    Response response = hub_.service.framing_refusal(request_, parser_.refusal());
    if (co_await answer(response, false)) co_await linger();
}

// Says that we are done and reads what is still under way: closing at once would make the kernel throw
// away an answer that the other end has not read yet.
awaitable<void> Session::linger() {
    allow_seconds(kLinger);
    Error error;
    (void)socket_.shutdown(Socket::shutdown_send, error);
    std::array<char, 4096> sink;
    while (!error && !has_expired())
        co_await socket_.async_read_some(asio::buffer(sink),
                                         asio::redirect_error(asio::use_awaitable, error));
}

// Whether a browser has gone is seen at its end of the stream, long before a heartbeat fails.
awaitable<void> Session::watch_for_end() {
    const auto self = shared_from_this();
    std::array<char, 256> sink;
    Error error;
    while (!error)
        co_await socket_.async_read_some(asio::buffer(sink),
                                         asio::redirect_error(asio::use_awaitable, error));
    is_over_ = true;
    timer_.cancel();
}

awaitable<void> Session::follow(std::shared_ptr<Source> source, const Route& route) {
    parser_.shrink();
    asio::co_spawn(hub_.io, watch_for_end(), asio::detached);

    // The waking thread must never hold the session: it could be the last to let go of it.
    waker_ = source->waker();
    waker_->set([weak = weak_from_this(), woken = is_woken_, &io = hub_.io] {
        if (woken->exchange(true)) return;
        asio::post(io, [weak] {
            if (const auto session = weak.lock()) session->timer_.cancel();
        });
    });
    if (!co_await write(": here\n\n", {})) co_return close();  // proxies pass on what has begun
    auto heartbeat = std::chrono::steady_clock::now() + kHeartbeat;
    Steady looked_at = hub_.clock.steady();
    while (!is_over_) {
        // However busy the stream is (S-26 of docs/design/guarantees.md).
        if (hub_.clock.steady() - looked_at >= kHeartbeat) {
            if (!hub_.service.may_go_on(request_, *route.right)) break;
            looked_at = hub_.clock.steady();
        }
        allow_seconds(kAnswer);
        *is_woken_ = false;
        Piece piece;
        if (source->reads_store()) {
            const auto read = co_await on(
                hub_.pools.readers, [source] { return std::make_shared<Piece>(source->next()); });
            if (read) piece = std::move(*read);
        } else {
            piece = source->next();
        }
        if (!piece.bytes.empty() && !co_await write(piece.bytes, {})) break;
        if (piece.end) break;
        if (piece.more || *is_woken_) continue;

        allow_seconds(2 * kHeartbeat.count());
        timer_.expires_at(heartbeat);
        Error error;
        co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, error));
        if (std::chrono::steady_clock::now() < heartbeat) continue;
        heartbeat += kHeartbeat;
        if (!hub_.service.may_go_on(request_, *route.right)) break;
        looked_at = hub_.clock.steady();
        if (!co_await write(": still here\n\n", {})) break;
    }
    silence();
    close();
}

}  // namespace cjv::web

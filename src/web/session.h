#pragma once
// One connection, from its first byte to its last. Private to web: the only headers with Asio in them
// are this one's and what it includes.

#include "base/clock.h"
#include "base/log.h"
#include "web/parser.h"
#include "web/pool.h"
#include "web/service.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_set>

namespace cjv::web {

class Session;

// What the sessions of one io thread share. Belongs to that thread.
struct Hub {
    Hub(Service& its_service, Pools& its_pools, const Clock& its_clock, Log& its_log)
        : service(its_service), pools(its_pools), clock(its_clock), log(its_log) {}

    Service& service;
    Pools& pools;
    const Clock& clock;
    Log& log;
    std::unordered_set<Session*> sessions;
    std::int64_t second = 0;  // grows by one each second: what deadlines are measured in
    bool stopping = false;
    std::string date;  // "Date" of this second
    Instant date_of{};
    boost::asio::io_context io{1};  // last: it ends the sessions' coroutines before the rest goes

    std::string_view date_at(Instant now);
    // Once a second: closes what has used up its time.
    void sweep();
    // Closes what waits for a request, and lets the others finish.
    void stop_sessions();
    void close_sessions();
};

class Session : public std::enable_shared_from_this<Session> {
public:
    using Socket = boost::asio::generic::stream_protocol::socket;
    // `left` is called once, when the connection is over.
    Session(Hub& hub, Socket socket, Peer peer, std::function<void()> left);
    ~Session();

    // Answers until either side has had enough. Spawned on the hub's context.
    boost::asio::awaitable<void> run();

    bool has_expired() const { return hub_.second >= deadline_; }
    bool is_waiting() const { return is_waiting_; }
    void close();
    void end_soon();
    // No other thread wakes it from here on.
    void silence();

private:
    using Bytes = boost::asio::awaitable<bool>;  // false: the connection is over

    Bytes read_request();
    Bytes read_some();
    Bytes write(std::string_view head, std::string_view body);
    Bytes answer(Response& response, bool keep_alive);
    Bytes write_pieces(std::shared_ptr<Pieces> pieces, bool is_chunked);
    boost::asio::awaitable<Response> respond(Request& request, const Route*& route);
    boost::asio::awaitable<void> refuse();
    boost::asio::awaitable<void> follow(std::shared_ptr<Source> source, const Route& route);
    boost::asio::awaitable<void> watch_for_end();
    boost::asio::awaitable<void> linger();
    template <class Work>
    auto on(Pool& pool, Work work) -> boost::asio::awaitable<decltype(work())>;
    void allow_seconds(std::int64_t seconds) { deadline_ = hub_.second + seconds; }

    Hub& hub_;
    Socket socket_;
    boost::asio::steady_timer timer_;
    std::function<void()> left_;
    Parser parser_;
    Request request_;
    std::string head_;           // of the answer; kept for its memory
    std::int64_t deadline_ = 0;  // in the hub's seconds
    bool is_waiting_ = true;     // for the first byte of a request
    bool is_over_ = false;       // the other end has closed, or we shall
    std::shared_ptr<std::atomic<bool>> is_woken_ = std::make_shared<std::atomic<bool>>(false);
    std::shared_ptr<Waker> waker_;  // of the stream that is followed
};

}  // namespace cjv::web

#pragma once
// Bytes to and from a server: name look-up, TCP or a Unix socket, TLS. For coroutines of one io
// thread; what the bytes mean is the caller's business.

#include "base/error.h"
#include "net/redis_url.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cjv::net {

// Why nothing moves any more, in the middle of a sentence: "connection reset by peer".
std::string reason_of(const boost::system::error_code& failure);

class Stream {
public:
    using Failure = boost::system::error_code;

    explicit Stream(boost::asio::io_context& io) : io_(io), socket_(io) {}

    // Connects, and speaks TLS where the address says so. `unavailable` with a sentence when nobody
    // answers within `patience`; `bad_input` when a file of the TLS settings is not what it should be.
    boost::asio::awaitable<Result<void>> open(RedisUrl url, std::chrono::milliseconds patience);

    // How many bytes moved; `failure` is set when none can any more.
    boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer into,
                                                  Failure& failure);
    boost::asio::awaitable<std::size_t> write_some(boost::asio::const_buffer from,
                                                   Failure& failure);

    // Whatever waits ends with a failure.
    void close();

private:
    using Socket = boost::asio::generic::stream_protocol::socket;
    using Endpoint = boost::asio::generic::stream_protocol::endpoint;
    using Until = std::chrono::steady_clock::time_point;

    boost::asio::awaitable<Result<std::vector<Endpoint>>> resolve(RedisUrl url, Until until);
    boost::asio::awaitable<Result<void>> connect(std::vector<Endpoint> to, Until until);
    boost::asio::awaitable<Result<void>> shake_hands(RedisUrl url, Until until);
    Result<void> prepare_tls(const RedisUrl& url);

    boost::asio::io_context& io_;
    Socket socket_;
    std::optional<boost::asio::ssl::context> tls_settings_;
    std::unique_ptr<boost::asio::ssl::stream<Socket&>> tls_;
    std::shared_ptr<boost::asio::steady_timer> look_up_;  // ends the wait for a name
    bool is_closed_ = false;
};

}  // namespace cjv::net

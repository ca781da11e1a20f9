#include "net/stream.h"

#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <openssl/x509v3.h>

#include <algorithm>
#include <utility>

namespace cjv::net {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;

// Ends what waits on `socket` when the time is up, unless it goes out of scope before.
template <class Socket>
class Deadline {
public:
    Deadline(asio::io_context& io, Socket& socket, Clock::time_point until)
        : timer_(io), is_over_(std::make_shared<bool>(false)) {
        timer_.expires_at(until);
        timer_.async_wait([is_over = is_over_, &socket](const Stream::Failure& cancelled) {
            if (cancelled || *is_over) return;
            *is_over = true;
            Stream::Failure ignored;
            (void)socket.close(ignored);
        });
    }
    // A handler that is on its way already must find nothing to do.
    ~Deadline() { *is_over_ = true; }
    Deadline(const Deadline&) = delete;
    bool is_over() const { return *is_over_; }

private:
    asio::steady_timer timer_;
    std::shared_ptr<bool> is_over_;
};

constexpr auto kLate = "no answer in time";

std::string lower_first(std::string text) {
    const auto is_capital = [&](std::size_t i) {
        return i < text.size() && text[i] >= 'A' && text[i] <= 'Z';
    };
    if (is_capital(0) && !is_capital(1)) text[0] = char(text[0] - 'A' + 'a');  // not "IP"
    return text;
}

}  // namespace

std::string reason_of(const Stream::Failure& failure) {
    if (failure == asio::error::eof || failure == asio::ssl::error::stream_truncated)
        return "the server closed the connection";
    return lower_first(failure.message());
}

void Stream::close() {
    is_closed_ = true;
    Failure ignored;
    (void)socket_.close(ignored);
    if (look_up_) look_up_->cancel();
}

awaitable<std::size_t> Stream::read_some(asio::mutable_buffer into, Failure& failure) {
    if (tls_)
        co_return co_await tls_->async_read_some(
            into, asio::redirect_error(asio::use_awaitable, failure));
    co_return co_await socket_.async_read_some(into,
                                               asio::redirect_error(asio::use_awaitable, failure));
}

awaitable<std::size_t> Stream::write_some(asio::const_buffer from, Failure& failure) {
    if (tls_)
        co_return co_await tls_->async_write_some(
            from, asio::redirect_error(asio::use_awaitable, failure));
    co_return co_await socket_.async_write_some(from,
                                                asio::redirect_error(asio::use_awaitable, failure));
}

awaitable<Result<void>> Stream::open(RedisUrl url, std::chrono::milliseconds patience) {
    const auto until = Clock::now() + patience;
    if (url.via == RedisUrl::Via::tls)
        if (auto prepared = prepare_tls(url); !prepared) co_return prepared;
    auto endpoints = co_await resolve(url, until);
    if (!endpoints) co_return std::unexpected(endpoints.error());
    if (auto connected = co_await connect(*std::move(endpoints), until); !connected)
        co_return connected;
    if (url.via == RedisUrl::Via::tls) co_return co_await shake_hands(std::move(url), until);
    co_return Result<void>{};
}

// The system's look-up cannot be called off. It is not waited for beyond our time; what it finds then
// falls on no ground.
awaitable<Result<std::vector<Stream::Endpoint>>> Stream::resolve(RedisUrl url, Until until) {
    if (url.via == RedisUrl::Via::unix_socket)
        co_return std::vector{Endpoint(asio::local::stream_protocol::endpoint(url.path))};
    Failure failure;
    if (const auto address = asio::ip::make_address(url.host, failure); !failure)
        co_return std::vector{Endpoint(tcp::endpoint(address, url.port))};

    struct LookUp {
        explicit LookUp(asio::io_context& io) : resolver(io) {}
        tcp::resolver resolver;
        bool is_done = false;
        Failure failure;
        tcp::resolver::results_type found;
    };
    const auto look_up = std::make_shared<LookUp>(io_);
    const auto timer = look_up_ = std::make_shared<asio::steady_timer>(io_, until);
    look_up->resolver.async_resolve(
        url.host, std::to_string(url.port), tcp::resolver::numeric_service,
        [look_up, timer](const Failure& problem, tcp::resolver::results_type found) {
            look_up->is_done = true;
            look_up->failure = problem;
            look_up->found = std::move(found);
            timer->cancel();
        });
    co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, failure));
    if (!look_up->is_done)
        co_return fail(Errc::unavailable,
                       "the name was not found in time; is the name server well?");
    if (look_up->failure)
        co_return fail(Errc::unavailable, "the name is not known: " + reason_of(look_up->failure));
    std::vector<Endpoint> endpoints;
    for (const auto& entry : look_up->found) endpoints.emplace_back(entry.endpoint());
    co_return endpoints;
}

// One address after the other. Each has its share of the time, so that one which swallows everything
// does not keep us from the next.
awaitable<Result<void>> Stream::connect(std::vector<Endpoint> to, Until until) {
    Error last{Errc::unavailable, "the name has no address"};
    for (std::size_t i = 0; i < to.size() && !is_closed_; ++i) {
        const auto now = Clock::now();
        const auto share = (until - now) / std::int64_t(to.size() - i);
        Failure failure;
        bool is_late = false;
        {
            const Deadline deadline(io_, socket_, now + share);
            co_await socket_.async_connect(to[i],
                                           asio::redirect_error(asio::use_awaitable, failure));
            is_late = deadline.is_over();
        }
        if (!failure && !is_late) {
            Failure ignored;  // it has no such option where it is a Unix socket
            (void)socket_.set_option(tcp::no_delay(true), ignored);
            co_return Result<void>{};
        }
        last.what = is_late ? kLate : reason_of(failure);
        (void)socket_.close(failure);
    }
    if (is_closed_) last.what = "closed";
    co_return std::unexpected(std::move(last));
}

Result<void> Stream::prepare_tls(const RedisUrl& url) {
    namespace ssl = asio::ssl;
    Failure failure;
    auto& settings = tls_settings_.emplace(ssl::context::tls_client);
    (void)settings.set_options(ssl::context::no_sslv2 | ssl::context::no_sslv3 |
                                   ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1,
                               failure);
    (void)settings.set_verify_mode(ssl::verify_peer, failure);
    const auto refused = [&](const std::string& file, std::string_view what) {
        return fail(Errc::bad_input,
                    file + " is not " + std::string(what) + ": " + failure.message());
    };
    if (url.tls.ca_file.empty()) {
        if (settings.set_default_verify_paths(failure))
            return refused("the system's store", "a list of certificate authorities");
    } else {
        if (settings.load_verify_file(url.tls.ca_file, failure))
            return refused(url.tls.ca_file, "a file of certificate authorities (PEM)");
    }
    if (!url.tls.certificate.empty()) {
        if (settings.use_certificate_chain_file(url.tls.certificate, failure))
            return refused(url.tls.certificate, "a certificate (PEM)");
        const auto& key = url.tls.key_file.empty() ? url.tls.certificate : url.tls.key_file;
        if (settings.use_private_key_file(key, ssl::context::pem, failure))
            return refused(key, "the private key of that certificate (PEM)");
    }
    tls_ = std::make_unique<ssl::stream<Socket&>>(socket_, settings);

    SSL* const session = tls_->native_handle();
    X509_VERIFY_PARAM* const rules = SSL_get0_param(session);
    Failure is_name;
    (void)asio::ip::make_address(url.host, is_name);
    const int set = is_name ? X509_VERIFY_PARAM_set1_host(rules, url.host.data(), url.host.size())
                            : X509_VERIFY_PARAM_set1_ip_asc(rules, url.host.c_str());
    if (set != 1 || (is_name && SSL_set_tlsext_host_name(session, url.host.c_str()) != 1))
        return fail(Errc::unavailable, "TLS could not be prepared for " + url.host);
    return {};
}

awaitable<Result<void>> Stream::shake_hands(RedisUrl url, Until until) {
    Failure failure;
    bool is_late = false;
    {
        const Deadline deadline(io_, socket_, until);
        co_await tls_->async_handshake(asio::ssl::stream_base::client,
                                       asio::redirect_error(asio::use_awaitable, failure));
        is_late = deadline.is_over();
    }
    if (is_late) co_return fail(Errc::unavailable, "no TLS with this server: no answer in time");
    if (!failure) co_return Result<void>{};
    const auto verdict = SSL_get_verify_result(tls_->native_handle());
    if (verdict != X509_V_OK)
        co_return fail(Errc::unavailable, "the certificate of " + url.host + " is not accepted: " +
                                              lower_first(X509_verify_cert_error_string(verdict)));
    co_return fail(Errc::unavailable, "no TLS with this server: " + reason_of(failure));
}

}  // namespace cjv::net

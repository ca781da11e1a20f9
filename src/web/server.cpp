#include "web/server.h"

#include "web/session.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <utility>

namespace cjv::web {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using asio::ip::tcp;
using Local = asio::local::stream_protocol;
using Error = boost::system::error_code;

constexpr std::chrono::seconds kSecond{1};
// Kept for the control socket and for loopback, so that a crowd cannot lock its keeper out.
constexpr std::int64_t kReserved = 16;
constexpr std::chrono::microseconds kStandsStill = std::chrono::seconds{10};

// Who is inside. Any thread.
class Doorkeeper {
public:
    Doorkeeper(std::int64_t most, std::int64_t most_of_one)
        : most_(most), most_of_one_(most_of_one) {}

    enum class Guest : std::uint8_t { stranger, proxy, local };
    bool enter(const std::string& address, Guest guest) {
        const std::scoped_lock lock(mutex_);
        const auto room = guest == Guest::local ? most_ : most_ - kReserved;
        if (inside_ >= std::max<std::int64_t>(room, 1)) return false;
        std::int64_t& own = by_address_[address];
        if (guest == Guest::stranger && own >= most_of_one_) return false;
        ++own;
        ++inside_;
        return true;
    }
    void leave(const std::string& address) {
        const std::scoped_lock lock(mutex_);
        --inside_;
        const auto own = by_address_.find(address);
        if (--own->second == 0) by_address_.erase(own);
        if (inside_ == 0) empty_.notify_all();
    }
    void wait_until_empty(std::chrono::seconds patience) {
        std::unique_lock lock(mutex_);
        empty_.wait_for(lock, patience, [&] { return inside_ == 0; });
    }

private:
    const std::int64_t most_, most_of_one_;
    std::mutex mutex_;
    std::condition_variable empty_;
    std::int64_t inside_ = 0;
    std::unordered_map<std::string, std::int64_t> by_address_;
};

// Whether the process at the other end runs as us or as root.
bool is_our_own(int socket) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
    return peer.uid == geteuid() || peer.uid == 0;
}

}  // namespace

struct Server::Parts {
    Parts(ServerOptions its_options, Service& service, Progress& progress, const Clock& its_clock,
          Log& its_log)
        : options(std::move(its_options)),
          clock(its_clock),
          log(its_log),
          door(options.connections, options.connections_per_address),
          pools(progress, its_clock),
          hubs(make_hubs(service)),
          acceptor(hubs.front()->io),
          local_acceptor(hubs.front()->io) {
        for (std::size_t i = 1; i <= hubs.size(); ++i) {
            marks.push_back(&progress.add("io " + std::to_string(i), kStandsStill, clock.steady()));
            marks.back()->rest();  // until start()
        }
    }

    std::vector<std::unique_ptr<Hub>> make_hubs(Service& service) {
        std::vector<std::unique_ptr<Hub>> made;
        for (int i = 0; i < std::max(options.io_threads, 1); ++i)
            made.push_back(std::make_unique<Hub>(service, pools, clock, log));
        return made;
    }

    Result<void> listen() {
        if (auto bound = listen_tcp(); !bound) return bound;
        return options.control_socket.empty() ? Result<void>{} : listen_local();
    }

    Result<void> listen_tcp() {
        Error error;
        const auto host = options.listen.host == "localhost" ? "127.0.0.1" : options.listen.host;
        const auto address = asio::ip::make_address(host, error);
        if (error) return fail(Errc::bad_input, "listen on " + host + ": it is not an address");
        const tcp::endpoint endpoint(address, options.listen.port);
        (void)acceptor.open(endpoint.protocol(), error);
        if (!error) (void)acceptor.set_option(tcp::acceptor::reuse_address(true), error);
        if (!error) (void)acceptor.bind(endpoint, error);
        if (!error) (void)acceptor.listen(asio::socket_base::max_listen_connections, error);
        if (error)
            return fail(Errc::unavailable, "listen on " + host + ":" +
                                               std::to_string(options.listen.port) + ": " +
                                               error.message());
        return {};
    }

    // The mask of a new file keeps others out from its first moment.
    Result<void> listen_local() {
        ::unlink(
            options.control_socket.c_str());  // of a dead server: the data folder's lock is ours
        Error error;
        Local::endpoint endpoint;
        try {
            endpoint = Local::endpoint(options.control_socket);
        } catch (const boost::system::system_error&) {
            return fail(Errc::bad_input, options.control_socket + " is too long for a socket");
        }
        const mode_t before = ::umask(0177);
        (void)local_acceptor.open(endpoint.protocol(), error);
        if (!error) (void)local_acceptor.bind(endpoint, error);
        ::umask(before);
        if (!error) (void)local_acceptor.listen(asio::socket_base::max_listen_connections, error);
        if (error)
            return fail(Errc::unavailable,
                        "listen on " + options.control_socket + ": " + error.message());
        return {};
    }

    void start() {
        asio::co_spawn(hubs[0]->io, accept(acceptor), guard("accept"));
        if (local_acceptor.is_open())
            asio::co_spawn(hubs[0]->io, accept(local_acceptor), guard("accept local"));
        for (std::size_t i = 0; i < hubs.size(); ++i) {
            Hub& hub = *hubs[i];
            Mark& mark = *marks[i];
            asio::co_spawn(hub.io, tick(hub, mark), guard("tick"));
            threads.emplace_back([&hub, &mark] {
                hub.io.run();
                mark.rest();
            });
        }
    }

    // The one catch of each coroutine of ours.
    std::function<void(std::exception_ptr)> guard(std::string what) {
        return [this, what = std::move(what)](const std::exception_ptr& thrown) {
            if (!thrown) return;
            try {
                std::rethrow_exception(thrown);
            } catch (const std::exception& error) {
                log.error("web.coroutine_failed",
                          {{"what", what}, {"error", std::string_view(error.what())}});
            }
        };
    }

    awaitable<void> tick(Hub& hub, Mark& mark) {
        asio::steady_timer timer(hub.io);
        for (;;) {
            mark.move(clock.steady());
            timer.expires_after(kSecond);
            Error error;
            co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
            hub.sweep();
        }
    }

    template <class Acceptor>
    awaitable<void> accept(Acceptor& from) {
        asio::steady_timer pause(hubs[0]->io);
        for (std::size_t turn = 0;; ++turn) {
            Hub& hub = *hubs[turn % hubs.size()];
            typename Acceptor::protocol_type::socket socket(hub.io);
            Error error;
            co_await from.async_accept(socket, asio::redirect_error(asio::use_awaitable, error));
            if (!from.is_open()) co_return;
            if (error) {  // out of descriptors, or the client has gone already
                pause.expires_after(std::chrono::milliseconds{50});
                co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
                continue;
            }
            if (auto peer = look_at(socket)) let_in(hub, std::move(socket), *std::move(peer));
        }
    }

    std::optional<Peer> look_at(tcp::socket& socket) {
        Error error;
        const auto remote = socket.remote_endpoint(error);
        if (error) return std::nullopt;
        (void)socket.set_option(tcp::no_delay(true), error);
        return Peer{remote.address().to_string(), false};
    }
    static std::optional<Peer> look_at(Local::socket& socket) {
        if (!is_our_own(socket.native_handle())) return std::nullopt;
        return Peer{"", true};
    }

    void let_in(Hub& hub, Session::Socket socket, Peer peer) {
        using Guest = Doorkeeper::Guest;
        const auto& proxies = options.trusted_proxies;
        const bool is_proxy = std::ranges::find(proxies, peer.address) != proxies.end();
        const Guest guest = peer.local ? Guest::local : is_proxy ? Guest::proxy : Guest::stranger;
        if (!door.enter(peer.address, guest)) {
            log.warn("web.connection_refused", {{"address", peer.address}});
            return;  // closed with the socket
        }
        // On its own thread from its first moment to its last.
        asio::co_spawn(
            hub.io,
            [&hub, this, socket = std::move(socket),
             peer = std::move(peer)]() mutable -> awaitable<void> {
                auto left = [this, address = peer.address] { door.leave(address); };
                auto session = std::make_shared<Session>(hub, std::move(socket), std::move(peer),
                                                         std::move(left));
                if (hub.stopping) co_return;
                co_await session->run();
            },
            guard("session"));
    }

    void stop(std::chrono::seconds patience) {
        if (std::exchange(stopped, true)) return;
        if (!threads.empty()) {
            asio::post(hubs[0]->io, [this] {
                Error ignored;
                (void)acceptor.close(ignored);
                (void)local_acceptor.close(ignored);
            });
            for (auto& hub : hubs) asio::post(hub->io, [&hub = *hub] { hub.stop_sessions(); });
            door.wait_until_empty(patience);
        }
        pools.stop();
        for (auto& hub : hubs) hub->io.stop();
        for (auto& thread : threads) thread.join();
        for (auto& hub : hubs)
            for (Session* session : hub->sessions) session->silence();
        if (!options.control_socket.empty()) ::unlink(options.control_socket.c_str());
    }

    const ServerOptions options;
    const Clock& clock;
    Log& log;
    Doorkeeper door;
    Pools pools;
    std::vector<std::unique_ptr<Hub>> hubs;
    tcp::acceptor acceptor;
    Local::acceptor local_acceptor;
    std::vector<Mark*> marks;
    std::vector<std::thread> threads;
    bool stopped = false;
};

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
// A lock or a join that fails ends the program. NOLINTNEXTLINE(bugprone-exception-escape)
Server::~Server() { stop(std::chrono::seconds{0}); }

Result<std::unique_ptr<Server>> Server::open(ServerOptions options, Service& service,
                                             Progress& progress, const Clock& clock, Log& log) {
    auto parts = std::make_unique<Parts>(std::move(options), service, progress, clock, log);
    if (auto listening = parts->listen(); !listening) {
        parts->pools.stop();
        return std::unexpected(listening.error());
    }
    return std::unique_ptr<Server>(new Server(std::move(parts)));
}

HostPort Server::address() const {
    Error error;
    const auto endpoint = parts_->acceptor.local_endpoint(error);
    return {endpoint.address().to_string(), endpoint.port()};
}

void Server::start() { parts_->start(); }
void Server::stop(std::chrono::seconds patience) { parts_->stop(patience); }

}  // namespace cjv::web

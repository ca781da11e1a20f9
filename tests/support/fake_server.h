#pragma once
// A server that is none: it says to everybody who comes what a test wants said, and then keeps silent
// or hangs up.

#include "support/free_port.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

namespace cjv::support {

class FakeServer {
public:
    enum class Then { keep_silent, hang_up };

    FakeServer(std::string says, Then then) : says_(std::move(says)), then_(then) {
        std::tie(listener_, port_) = listen_somewhere();
        thread_ = std::thread([this] { serve(); });
    }
    ~FakeServer() {
        stopping_ = true;
        ::shutdown(listener_, SHUT_RDWR);
        thread_.join();
        ::close(listener_);
    }
    FakeServer(const FakeServer&) = delete;

    std::uint16_t port() const { return port_; }
    int guests() const { return guests_; }

private:
    void serve() {
        std::vector<int> kept;
        while (!stopping_) {
            const int guest = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (guest < 0) break;
            ++guests_;
            pollfd asked{.fd = guest, .events = POLLIN, .revents = 0};
            ::poll(&asked, 1, 1'000);  // it answers, it does not greet
            char heard[4096];          // what is not read before the end is answered by a reset
            (void)!::recv(guest, heard, sizeof heard, MSG_DONTWAIT);
            (void)!::send(guest, says_.data(), says_.size(), MSG_NOSIGNAL);
            if (then_ == Then::hang_up)
                ::close(guest);
            else
                kept.push_back(guest);
        }
        for (const int guest : kept) ::close(guest);
    }

    const std::string says_;
    const Then then_;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::atomic<bool> stopping_ = false;
    std::atomic<int> guests_ = 0;
    std::thread thread_;
};

}  // namespace cjv::support

#pragma once
// A TCP port of 127.0.0.1 that nobody uses now, and a socket that listens on one.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <stdexcept>
#include <utility>

namespace cjv::support {

// The listening socket and its port.
inline std::pair<int, std::uint16_t> listen_somewhere() {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(socket, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
        ::listen(socket, 16) != 0 ||
        ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0)
        throw std::runtime_error("no free port");
    return {socket, ntohs(address.sin_port)};
}

inline std::uint16_t free_port() {
    const auto [socket, port] = listen_somewhere();
    ::close(socket);
    return port;
}

}  // namespace cjv::support

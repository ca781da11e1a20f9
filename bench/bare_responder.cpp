// The floor under every HTTP figure: epoll, one thread, 2 kB of answer, and no look at what was asked.
// Prints its port.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <string>

int main() {
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        listen(listener, 128) != 0)
        return 1;
    getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    std::printf("%d\n", ntohs(address.sin_port));
    std::fflush(stdout);

    const std::string body(2'000, 'x');
    const std::string answer =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body;
    const int poll = epoll_create1(EPOLL_CLOEXEC);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = listener;
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
    std::array<epoll_event, 64> events{};
    std::array<char, 8192> bytes{};
    for (;;) {
        const int ready = epoll_wait(poll, events.data(), int(events.size()), -1);
        for (int i = 0; i < ready; ++i) {
            const int from = events[std::size_t(i)].data.fd;
            if (from == listener) {
                event.data.fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
                const int one = 1;
                setsockopt(event.data.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                epoll_ctl(poll, EPOLL_CTL_ADD, event.data.fd, &event);
            } else if (read(from, bytes.data(), bytes.size()) <= 0 ||
                       write(from, answer.data(), answer.size()) < 0) {
                close(from);
            }
        }
    }
}

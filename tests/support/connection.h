#pragma once
// A client that says exactly the bytes it is told to, and waits for what comes back.

#include "base/config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>

namespace cjv::support {

struct Answer {
    int status = 0;
    std::string head, body;

    // The first header of that name, as it was sent; empty when there is none.
    std::string header(std::string_view name) const {
        const auto at = head.find("\r\n" + std::string(name) + ": ");
        if (at == head.npos) return {};
        const auto start = at + name.size() + 4;
        return head.substr(start, head.find("\r\n", start) - start);
    }
    // The value of a cookie that it sets.
    std::string cookie(std::string_view name) const {
        const auto at = head.find("Set-Cookie: " + std::string(name) + "=");
        if (at == head.npos) return {};
        const auto start = at + 13 + name.size();
        return head.substr(start, head.find(';', start) - start);
    }
};

class Connection {
public:
    explicit Connection(const HostPort& to) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(to.port);
        inet_pton(AF_INET, to.host.c_str(), &address.sin_addr);
        connect(reinterpret_cast<const sockaddr*>(&address), sizeof address);
    }
    explicit Connection(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
        connect(reinterpret_cast<const sockaddr*>(&address), sizeof address);
    }
    ~Connection() { ::close(socket_); }
    Connection(const Connection&) = delete;

    void send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) throw std::runtime_error("the server does not take it");
            bytes.remove_prefix(std::size_t(sent));
        }
    }
    // The next answer; `of_head` where there is no body whatever the head says.
    Answer answer(bool of_head = false) {
        Answer answer;
        answer.head = until("\r\n\r\n");
        answer.status = std::stoi(answer.head.substr(9, 3));
        const auto length = answer.header("Content-Length");
        if (!of_head && !length.empty()) answer.body = exactly(std::stoul(length));
        return answer;
    }
    Answer ask(std::string_view bytes) {
        send(bytes);
        return answer();
    }
    std::string until(std::string_view end) {
        for (;;) {
            if (const auto at = here_.find(end); at != here_.npos) return take(at + end.size());
            more();
        }
    }
    bool is_closed() {
        char byte = 0;
        return here_.empty() && ::recv(socket_, &byte, 1, 0) <= 0;
    }

private:
    void connect(const sockaddr* address, socklen_t size) {
        const timeval patience{.tv_sec = 10, .tv_usec = 0};  // a test that waits longer has failed
        setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        if (::connect(socket_, address, size) != 0) throw std::runtime_error("cannot connect");
    }
    void more() {
        char bytes[4096];
        const auto count = ::recv(socket_, bytes, sizeof bytes, 0);
        if (count <= 0) throw std::runtime_error("no more bytes after: " + here_);
        here_.append(bytes, std::size_t(count));
    }
    std::string exactly(std::size_t count) {
        while (here_.size() < count) more();
        return take(count);
    }
    std::string take(std::size_t count) {
        std::string taken = here_.substr(0, count);
        here_.erase(0, count);
        return taken;
    }

    int socket_;
    std::string here_;
};

}  // namespace cjv::support

#pragma once
// The doors: a TCP address and the control socket, a few io threads, and how many may come in. What
// happens on a connection is session.h's business.

#include "base/clock.h"
#include "base/config.h"
#include "base/error.h"
#include "base/log.h"
#include "base/progress.h"
#include "web/service.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace cjv::web {

struct ServerOptions {
    HostPort listen;
    std::string control_socket = {};  // a path; empty: none
    int io_threads = 1;
    std::int64_t connections = 1'024;
    std::int64_t connections_per_address = 64;
    std::vector<std::string> trusted_proxies = {};  // exempt from the limit of an address
};

class Server {
public:
    // Binds, so that the address is known; nobody is answered before start(). The others must outlive it.
    static Result<std::unique_ptr<Server>> open(ServerOptions options, Service& service,
                                                Progress& progress, const Clock& clock, Log& log);
    ~Server();  // stops at once

    HostPort address() const;  // with the port that was taken
    void start();
    // Takes no more connections, lets requests that are here have their answers for as long as
    // `patience`, then closes and ends all threads.
    void stop(std::chrono::seconds patience);

private:
    struct Parts;
    explicit Server(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace cjv::web

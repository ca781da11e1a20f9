#pragma once
// A thread of its own for sockets and timers, and its mark for the watchdog. What runs on it must not
// wait and must not work for long: everything on it waits meanwhile.

#include "base/clock.h"
#include "base/log.h"
#include "base/progress.h"

#include <functional>
#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}

namespace cjv::net {

class IoThread {
public:
    // Runs at once. The others must outlive it.
    IoThread(std::string name, Progress& progress, const Clock& clock, Log& log);
    // Ends it. Whatever lives on it must be gone by then.
    ~IoThread();
    IoThread(const IoThread&) = delete;

    // Runs `work` on the thread, later. Any thread.
    void post(std::function<void()> work);
    boost::asio::io_context& context();

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace cjv::net

#include "net/io_thread.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <exception>
#include <thread>
#include <utility>

namespace cjv::net {
namespace {

namespace asio = boost::asio;
constexpr std::chrono::seconds kTurn{1};
constexpr std::chrono::microseconds kStandsStill = std::chrono::seconds{10};

}  // namespace

struct IoThread::Parts {
    Parts(std::string its_name, Progress& progress, const Clock& its_clock, Log& its_log)
        : name(std::move(its_name)),
          clock(its_clock),
          log(its_log),
          mark(progress.add(name, kStandsStill, clock.steady())),
          guard(io.get_executor()),
          timer(io) {
        turn();
        thread = std::thread([this] { loop(); });
    }

    void turn() {
        mark.move(clock.steady());
        timer.expires_after(kTurn);
        timer.async_wait([this](const boost::system::error_code& cancelled) {
            if (!cancelled) turn();
        });
    }

    // What is posted here catches its own; this is for what nobody thought of.
    void loop() {
        for (;;) {
            try {
                io.run();
                break;
            } catch (const std::exception& error) {
                log.error("net.io_failed",
                          {{"thread", name}, {"error", std::string_view(error.what())}});
            }
        }
        mark.rest();
    }

    const std::string name;
    const Clock& clock;
    Log& log;
    Mark& mark;
    asio::io_context io{1};
    asio::executor_work_guard<asio::io_context::executor_type> guard;
    asio::steady_timer timer;
    std::thread thread;
};

IoThread::IoThread(std::string name, Progress& progress, const Clock& clock, Log& log)
    : parts_(std::make_unique<Parts>(std::move(name), progress, clock, log)) {}

IoThread::~IoThread() {
    parts_->io.stop();
    parts_->thread.join();
}

void IoThread::post(std::function<void()> work) { asio::post(parts_->io, std::move(work)); }
asio::io_context& IoThread::context() { return parts_->io; }

}  // namespace cjv::net

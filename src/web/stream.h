#pragma once
// An answer that goes on: server-sent events. A source says what comes next and is woken when there
// is more; how the bytes reach the browser is session.cpp's business.

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace cjv::web {

// Wakes whoever waits for a source. Any thread; may be called more often than needed.
class Waker {
public:
    void wake() const {
        const std::scoped_lock lock(mutex_);
        if (call_) call_();
    }
    // `call` must not block. An empty one: nobody waits any more.
    void set(std::function<void()> call) {
        const std::scoped_lock lock(mutex_);
        call_ = std::move(call);
    }

private:
    mutable std::mutex mutex_;
    std::function<void()> call_;
};

struct Piece {
    std::string bytes = {};  // whole events; empty: nothing now
    bool more = false;       // there is more at once: ask again without waiting
    bool end = false;        // nothing follows
};

class Source {
public:
    virtual ~Source() = default;
    // What comes next, as far as it is there. Never waits for more; one thread at a time.
    virtual Piece next() = 0;
    // Whether next() reads the store, and so belongs on a reader instead of the io thread.
    virtual bool reads_store() const = 0;

    const std::shared_ptr<Waker>& waker() const { return waker_; }

private:
    std::shared_ptr<Waker> waker_ = std::make_shared<Waker>();
};

// A body that is read while the other end takes it, so that a long one costs no memory.
struct Pieces {
    // Of all of it. Nothing: nobody knows; it goes in chunks (RFC 9112, 7.1), to an HTTP/1.0 client until the
    // connection ends.
    std::optional<std::uint64_t> size = {};
    // What comes next; empty: that was all; nothing: the rest cannot be had, and the connection ends where it is.
    // On a reader, one call at a time.
    std::function<std::optional<std::string>()> next;
};

// "event: run\nid: 1-7\ndata: {…}\n\n". `data` has no line ends; an empty id is left out.
void append_event(std::string& out, std::string_view event, std::string_view id,
                  std::string_view data);

}  // namespace cjv::web

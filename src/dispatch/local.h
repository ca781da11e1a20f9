#pragma once
// Commands that run here: started, read, called back, and told of. Which runs may start, and when, is
// dispatch.h's business.

#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "dispatch/command.h"
#include "dispatch/settings.h"
#include "domain/run.h"
#include "store/store.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace cjv::dispatch {

enum class Urgency : std::uint8_t { term, kill };

// All calls on the thread that runs `io`.
class Local {
public:
    // `on_place` is called when a command has ended, and its place is free; `on_told` when the store
    // has been told all of a run, once for each. Everything given outlives this.
    struct Bells {
        std::function<void()> on_place;
        std::function<void()> on_told;
    };
    Local(boost::asio::io_context& io, store::Store& store, const Clock& clock, Log& log,
          const Settings& settings, Bells bells);
    ~Local();

    // Makes processes that wait: what is started before `until` needs no more than to go on. The others are gone by then,
    // without having done anything. What cannot be held starts as it would have.
    void hold(const std::vector<Prepared>& prepared, Steady until);
    // One right after the other; what is to be done about those that have started comes after the last.
    void start(std::vector<Prepared> prepared);
    // Nothing happens when it is not going. `why` is kept for its end; the first one counts.
    void cancel(const RunId& run, domain::Reason why, Urgency urgency);
    void cancel_all(domain::Reason why, Urgency urgency);

    // Runs of which the store has not been told all yet.
    std::size_t going() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace cjv::dispatch

#pragma once
// The store of a data folder that no server has open, for commands that then do the work themselves.

#include <memory>

#include "app/data_dir.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "schedule/zones.h"
#include "store/store.h"

namespace cjv::cli {

// The configured data folder, for a command that no running server answered. `unavailable`, with the owner's pid,
// while somebody has it all the same: a server that starts, stops or hangs, or another command.
Result<app::DataDir> open_data_dir(const Config& config);

class Offline {
public:
    // Takes DATA/lock, as open_data_dir() does.
    static Result<std::unique_ptr<Offline>> open(const Config& config);

    store::Store& store() { return *store_; }

private:
    Offline(const Config& config, app::DataDir data);

    // In the order in which they need one another.
    SystemClock clock_;
    Log log_;
    app::DataDir data_;
    schedule::Zones zones_;
    std::unique_ptr<store::Store> store_;
};

}  // namespace cjv::cli

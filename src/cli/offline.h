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

class Offline {
public:
    // Takes DATA/lock: `conflict`, with the owner's pid, while somebody else has the folder.
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

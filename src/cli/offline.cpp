#include "cli/offline.h"

#include <fmt/core.h>

#include <utility>

#include "app/zone_files.h"

namespace cjv::cli {

Offline::Offline(const Config& config, app::DataDir data)
    : log_({.level = LogLevel::warning, .format = config.log.format}, clock_),
      data_(std::move(data)),
      zones_([folder = config.schedule.zoneinfo](std::string_view name) {
          return app::read_zone_file(folder, name);
      }) {}

Result<app::DataDir> open_data_dir(const Config& config) {
    auto data = app::DataDir::open(config.store.data_dir);
    if (data || data.error().code != Errc::conflict) return data;
    return fail(Errc::unavailable,
                fmt::format("process {} has the data folder {} and does not answer on {}",
                            app::DataDir::owner(config.store.data_dir), config.store.data_dir,
                            app::control_socket(config.store.data_dir)));
}

Result<std::unique_ptr<Offline>> Offline::open(const Config& config) {
    auto data = open_data_dir(config);
    if (!data) return std::unexpected(data.error());
    std::unique_ptr<Offline> offline(new Offline(config, std::move(*data)));
    auto store = store::Store::open({.path = offline->data_.file(app::kDatabaseFile),
                                     .readers = 1,
                                     .session_idle = config.auth.session_idle,
                                     .session_max = config.auth.session_max},
                                    offline->clock_, offline->zones_, offline->log_);
    if (!store) return std::unexpected(store.error());
    offline->store_ = std::move(*store);
    return offline;
}

}  // namespace cjv::cli

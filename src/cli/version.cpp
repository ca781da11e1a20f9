#include "base/version.h"

#include <fmt/core.h>

#include "app/zone_files.h"
#include "base/config.h"
#include "cli/command.h"
#include "store/sqlite.h"

namespace cjv::cli {

std::string version_text() {
    return fmt::format("cron-job-viewer {} ({})\nSQLite {}\nzone data {}", version(), commit(),
                       store::Database::version(),
                       app::zone_data_version(Config{}.schedule.zoneinfo));
}

}  // namespace cjv::cli

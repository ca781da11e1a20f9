// `migrate [--check]`: `serve` does it by itself; this is for those who want it done, or known, beforehand.

#include <fmt/core.h>
#include <unistd.h>

#include "base/json.h"
#include "cli/command.h"
#include "cli/control.h"
#include "cli/offline.h"
#include "cli/settings.h"
#include "store/migrate.h"

namespace cjv::cli {
namespace {

int say(const Global& global, std::int64_t from, std::int64_t to, bool check_only) {
    if (global.json) {
        std::string text;
        json::Writer out(text);
        out.begin_object();
        const std::int64_t now = check_only ? from : to;
        out.field("from", from);
        out.field("schema", now);
        out.field("newest", to);
        out.field("up_to_date", now == to);
        out.end_object();
        fmt::print("{}\n", text);
    } else if (from == to) {
        fmt::print("the store is up to date (schema {})\n", to);
    } else {
        fmt::print("the store {} from schema {} to {}\n", check_only ? "would go" : "went", from,
                   to);
    }
    return done;
}

}  // namespace

int migrate(const Global& global, bool check_only) {
    const auto settings = settings_of(global);
    if (!settings) return tell_usage(settings.error());
    const Config& config = settings->config;
    const std::int64_t newest = store::schema_number();
    // A server that runs has brought its store up to date before it answered.
    if (Control::connect(config.store.data_dir)) return say(global, newest, newest, check_only);

    auto data = open_data_dir(config);
    if (!data) return tell(data.error());
    const std::string path = data->file(app::kDatabaseFile);
    if (check_only && access(path.c_str(), F_OK) != 0) return say(global, 0, newest, check_only);
    auto db = store::Database::open(path, store::Access::writer);
    if (!db) return tell(db.error());
    const auto from = store::schema_of(*db);
    if (!from) return tell(from.error());
    if (!check_only) {
        const auto migrated = store::migrate(*db, SystemClock{}.now());
        if (!migrated) return tell(migrated.error());
    }
    return say(global, *from, newest, check_only);
}

}  // namespace cjv::cli

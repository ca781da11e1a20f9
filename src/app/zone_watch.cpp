#include "app/zone_watch.h"

#include <utility>

namespace cjv::app {

void ZoneWatch::turn() {
    look_for_changes();
    look_for_returns();
    std::set<std::string> names = changed_;
    names.merge(std::set<std::string>(once_more_));
    if (names.empty()) return;
    const auto followed = store_.follow_zones(names);
    if (!followed) {
        if (!is_failing_) log_.error("zones.not_followed", {{"error", followed.error().what}});
        is_failing_ = true;
        return;
    }
    is_failing_ = false;
    once_more_ = std::exchange(changed_, {});
}

void ZoneWatch::look_for_changes() {
    for (std::string& name : zones_.refresh()) {
        log_.warn("zones.changed",
                  {{"timezone", name}, {"is_there", zones_.find(name) != nullptr}});
        changed_.insert(std::move(name));
    }
}

void ZoneWatch::look_for_returns() {
    if (store_.board().counts().in_trouble == 0) return;
    for (const auto& entry : store_.board().all())
        if (entry->trouble == domain::Trouble::zone_missing && zones_.find(entry->job->timezone))
            changed_.insert(entry->job->timezone);
}

}  // namespace cjv::app

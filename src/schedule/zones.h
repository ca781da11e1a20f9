#pragma once
// The table of zones: a name becomes a Zone. It is handed a function that brings the bytes of a
// zone file, so that this folder opens none.

#include "schedule/zone.h"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace cjv::schedule {

class Zones {
public:
    // The bytes of the zone file of that name; nothing when there is none. Only names that
    // is_zone_name allows are asked for, one at a time.
    using Load = std::function<std::optional<std::string>(std::string_view name)>;

    // Without a loader there is only UTC.
    explicit Zones(Load load = {});

    // Null when there is no such zone, or its file makes no sense. Each zone is read once. Any
    // thread.
    std::shared_ptr<const Zone> find(std::string_view name) const;

private:
    Load load_;
    mutable std::mutex mutex_;
    mutable std::map<std::string, std::shared_ptr<const Zone>, std::less<>> found_;
};

// "Europe/Berlin", "Etc/GMT+3": parts of letters, digits, '-', '+' and '_' between slashes. Such a
// name cannot leave the folder it is looked up in.
bool is_zone_name(std::string_view name);

}  // namespace cjv::schedule

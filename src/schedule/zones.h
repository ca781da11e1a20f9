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
#include <vector>

namespace cjv::schedule {

class Zones {
public:
    // The bytes of the zone file of that name; nothing when there is none. Only names that
    // is_zone_name allows are asked for. Any thread may ask.
    using Load = std::function<std::optional<std::string>(std::string_view name)>;

    // Without a loader there is only UTC.
    explicit Zones(Load load = {});

    // Null when there is no such zone, or its file makes no sense. Each zone is read once, until
    // refresh(). Any thread.
    std::shared_ptr<const Zone> find(std::string_view name) const;

    // Reads all zones again that were found so far. Returns the names of those whose data are others
    // now, and of those that are gone; find() answers with what there is now. Whoever holds a Zone
    // keeps it as it was. Any thread.
    std::vector<std::string> refresh();

private:
    struct Found {
        std::shared_ptr<const Zone> zone;
        std::size_t hash = 0;  // of the bytes
    };
    std::optional<Found> read(std::string_view name) const;

    Load load_;
    mutable std::mutex mutex_;
    mutable std::map<std::string, Found, std::less<>> found_;
};

// "Europe/Berlin", "Etc/GMT+3": parts of letters, digits, '-', '+' and '_' between slashes. Such a
// name cannot leave the folder it is looked up in.
bool is_zone_name(std::string_view name);

}  // namespace cjv::schedule

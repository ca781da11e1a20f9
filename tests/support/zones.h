#pragma once
// The machine's zones, for tests that need real ones.

#include "schedule/zones.h"

#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

namespace cjv::support {

inline std::optional<std::string> zone_file(std::string_view name) {
    std::ifstream file("/usr/share/zoneinfo/" + std::string(name), std::ios::binary);
    if (!file) return std::nullopt;
    return std::string(std::istreambuf_iterator<char>(file), {});
}

inline const schedule::Zones& system_zones() {
    static const schedule::Zones zones(zone_file);
    return zones;
}

}  // namespace cjv::support

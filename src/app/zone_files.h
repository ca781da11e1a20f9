#pragma once
// The zone files of the system, for the engine below, which reads no file.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace cjv::app {

// The bytes of the zone `name` under `folder`; nothing when there is no such file. Names come checked.
std::optional<std::string> read_zone_file(const std::string& folder, std::string_view name);
// "2026f", or "unknown" where the folder does not say.
std::string zone_data_version(const std::string& folder);

}  // namespace cjv::app

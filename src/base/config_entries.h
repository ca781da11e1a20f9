#pragma once
// A table of the configuration file whose names are not ours, line by line. For config.cpp.

#include "base/config.h"

#include <toml++/toml.h>

#include <string_view>
#include <vector>

namespace cjv::config {

// In the order of the file. `bad_input`, with the line, for a value that JSON has no word for.
Result<std::vector<ConfigEntry>> entries_of(const toml::table& table, std::string_view file_name);

}  // namespace cjv::config

#pragma once
// The configuration as this start of the program sees it: file, environment and flags are read here and
// nowhere else. What they may say is base/config's business.

#include <map>
#include <string>

#include "base/config.h"
#include "base/error.h"
#include "cli/command.h"

namespace cjv::cli {

// `flags` by the setting's name: {"server.listen", "127.0.0.1:0"}.
Result<LoadedConfig> settings_of(const Global& global,
                                 std::map<std::string, std::string, std::less<>> flags = {});

}  // namespace cjv::cli

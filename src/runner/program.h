#pragma once
// Which file a command names, and whether it may be run: everything about it that can be said
// before a process is started, in words that name what was wrong.

#include "base/error.h"

#include <string>
#include <string_view>

namespace cjv::runner {

// The file that `name` (the first element of an argv) stands for: absolute, or found in one of the
// folders of `path` ("/usr/local/bin:/usr/bin"). It is a regular file that we may execute and that
// neither its group nor others may change. not_found, forbidden or bad_input otherwise.
Result<std::string> find_program(std::string_view name, std::string_view path);

// not_found, bad_input or forbidden unless `folder` is absolute, a folder, and may be entered.
Result<void> check_folder(const std::string& folder);

}  // namespace cjv::runner

#pragma once
// How an expression was written, where its sets do not tell: what looks like a slip is warned of.

#include "schedule/cron.h"
#include "schedule/warning.h"

#include <string_view>
#include <vector>

namespace cjv::schedule {

// `entry` is what `cron` was parsed from; it is a piece of `text`, which a suggestion replaces as a
// whole.
std::vector<Warning> spelling_warnings(const Cron& cron, std::string_view text,
                                       std::string_view entry);

}  // namespace cjv::schedule

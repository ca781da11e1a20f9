#include "schedule/zones.h"

#include <algorithm>
#include <utility>

namespace cjv::schedule {
namespace {

constexpr std::size_t kLongestName = 64;  // the longest real one has 32

bool may_stand(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '+' || c == '_' || c == '/';
}

}  // namespace

bool is_zone_name(std::string_view name) {
    return !name.empty() && name.size() <= kLongestName && name.front() != '/' &&
           name.back() != '/' && name.find("//") == std::string_view::npos &&
           std::ranges::all_of(name, may_stand);
}

Zones::Zones(Load load) : load_(std::move(load)) { found_.emplace("UTC", Zone::utc()); }

std::shared_ptr<const Zone> Zones::find(std::string_view name) const {
    const std::scoped_lock lock(mutex_);
    if (const auto at = found_.find(name); at != found_.end()) return at->second;
    if (!load_ || !is_zone_name(name)) return nullptr;
    const auto bytes = load_(name);
    if (!bytes) return nullptr;
    auto zone = Zone::read(std::string(name), *bytes);
    if (!zone) return nullptr;
    return found_.emplace(name, *std::move(zone)).first->second;
}

}  // namespace cjv::schedule

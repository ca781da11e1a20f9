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

Zones::Zones(Load load) : load_(std::move(load)) {}

std::optional<Zones::Found> Zones::read(std::string_view name) const {
    if (!load_ || !is_zone_name(name)) return std::nullopt;
    const auto bytes = load_(name);
    if (!bytes) return std::nullopt;
    auto zone = Zone::read(std::string(name), *bytes);
    if (!zone) return std::nullopt;
    return Found{*std::move(zone), std::hash<std::string_view>{}(*bytes)};
}

std::shared_ptr<const Zone> Zones::find(std::string_view name) const {
    if (name == "UTC") {
        static const auto utc = Zone::utc();
        return utc;
    }
    const std::scoped_lock lock(mutex_);
    if (const auto at = found_.find(name); at != found_.end()) return at->second.zone;
    auto found = read(name);
    if (!found) return nullptr;
    return found_.emplace(name, *std::move(found)).first->second.zone;
}

std::vector<std::string> Zones::refresh() {
    std::vector<std::string> names, changed;
    {
        const std::scoped_lock lock(mutex_);
        for (const auto& [name, found] : found_) names.push_back(name);
    }
    for (std::string& name : names) {
        auto now = read(name);
        const std::scoped_lock lock(mutex_);
        const auto at = found_.find(name);
        if (now && now->hash == at->second.hash) continue;
        if (now)
            at->second = *std::move(now);
        else
            found_.erase(at);
        changed.push_back(std::move(name));
    }
    return changed;
}

}  // namespace cjv::schedule

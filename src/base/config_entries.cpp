#include "base/config_entries.h"

#include "base/json.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <tuple>

namespace cjv::config {
namespace {

// False: JSON has no word for it.
bool write(json::Writer& out, const toml::node& node) {
    if (const auto text = node.value_exact<std::string>()) {
        out.value(*text);
    } else if (const auto yes = node.value_exact<bool>()) {
        out.value(*yes);
    } else if (const auto number = node.value_exact<std::int64_t>()) {
        out.value(*number);
    } else if (const auto fraction = node.value_exact<double>()) {
        if (!std::isfinite(*fraction)) return false;
        out.value(*fraction);
    } else if (const auto* array = node.as_array()) {
        out.begin_array();
        for (const auto& item : *array)
            if (!write(out, item)) return false;
        out.end_array();
    } else if (const auto* table = node.as_table()) {
        out.begin_object();
        for (const auto& [key, value] : *table) {
            out.key(key.str());
            if (!write(out, value)) return false;
        }
        out.end_object();
    } else {
        return false;
    }
    return true;
}

}  // namespace

Result<std::vector<ConfigEntry>> entries_of(const toml::table& table, std::string_view file_name) {
    struct Line {
        toml::source_position at;
        ConfigEntry entry;
    };
    std::vector<Line> lines;  // toml++ has them by name
    for (const auto& [key, node] : table) {
        const auto at = key.source().begin;
        ConfigEntry entry{.name = std::string(key.str()),
                          .value = {},
                          .place = std::string(file_name) + ":" + std::to_string(at.line)};
        json::Writer out(entry.value);
        if (!write(out, node))
            return fail(Errc::bad_input, entry.place + ": \"" + entry.name +
                                             "\" is a text, a number, true, false, or a list of "
                                             "them");
        lines.push_back({at, std::move(entry)});
    }
    std::ranges::sort(lines, {},
                      [](const Line& line) { return std::tuple(line.at.line, line.at.column); });
    std::vector<ConfigEntry> entries;
    entries.reserve(lines.size());
    for (Line& line : lines) entries.push_back(std::move(line.entry));
    return entries;
}

}  // namespace cjv::config

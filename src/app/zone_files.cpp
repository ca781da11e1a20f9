#include "app/zone_files.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace cjv::app {

std::optional<std::string> read_zone_file(const std::string& folder, std::string_view name) {
    const std::filesystem::path path = std::filesystem::path(folder) / name;
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) return std::nullopt;
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::nullopt;
    return std::string(std::istreambuf_iterator<char>(file), {});
}

std::string zone_data_version(const std::string& folder) {
    // tzdata.zi begins "# version 2026f"; +VERSION is what BSDs and some images have instead.
    std::ifstream source(folder + "/tzdata.zi");
    std::string mark, word, version;
    if (source >> mark >> word >> version && word == "version") return version;
    std::ifstream plain(folder + "/+VERSION");
    if (plain >> version) return version;
    return "unknown";
}

}  // namespace cjv::app

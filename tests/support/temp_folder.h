#pragma once
// A folder that is gone when the test is over.

#include <unistd.h>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace cjv::support {

class TempFolder {
public:
    TempFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "cjv-test-XXXXXX").string();
        if (!::mkdtemp(name.data())) std::abort();
        path_ = name;
        // So that an ordinary user may look in where the test runs as root.
        std::filesystem::permissions(path_, std::filesystem::perms(0755));
    }
    ~TempFolder() { std::filesystem::remove_all(path_); }
    TempFolder(const TempFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }

    // Writes a file and returns its path; `mode` as for chmod.
    std::string file(std::string_view name, std::string_view text, unsigned mode = 0644) const {
        const auto path = path_ / name;
        std::ofstream(path) << text;
        std::filesystem::permissions(path, std::filesystem::perms(mode));
        return path.string();
    }

private:
    std::filesystem::path path_;
};

}  // namespace cjv::support

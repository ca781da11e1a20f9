#pragma once
// The folder that holds everything a server keeps, and the lock that lets one process at a time have it.

#include <string>
#include <string_view>

#include "base/error.h"

namespace cjv::app {

// Owns DATA/lock for as long as it lives. The kernel lets go of it when the process ends, however it ends.
class DataDir {
public:
    // Creates the folder (0700) where it is missing. `conflict`, with the owner's pid, when another process
    // has it, two seconds later at most; `unavailable` when it cannot be made or is not ours to write.
    static Result<DataDir> open(const std::string& path);
    // Pid of the process that has the folder, 0 when nobody has. Takes no lock.
    static long owner(const std::string& path);

    DataDir(DataDir&& other) noexcept;
    DataDir& operator=(DataDir&&) = delete;
    ~DataDir();

    const std::string& path() const { return path_; }
    std::string file(std::string_view name) const;

private:
    DataDir(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}

    std::string path_;
    int lock_ = -1;
};

inline constexpr std::string_view kDatabaseFile = "cron-job-viewer.db";

// DATA/control.sock: where a running server answers the command line.
std::string control_socket(const std::string& data_dir);

}  // namespace cjv::app

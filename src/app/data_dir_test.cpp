#include "app/data_dir.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "app/zone_files.h"
#include "support/child.h"

namespace cjv::app {
namespace {

// A folder of its own that goes with the test.
struct Folder {
    std::string path = std::filesystem::temp_directory_path() / ("cjv-" + std::to_string(getpid()));
    Folder() { std::filesystem::remove_all(path); }
    ~Folder() { std::filesystem::remove_all(path); }
};

}  // namespace

TEST_CASE("a second server on the same data folder is refused with the owner's pid") {
    const Folder folder;
    const auto first = DataDir::open(folder.path);
    REQUIRE(first);

    const auto second = DataDir::open(folder.path);

    REQUIRE_FALSE(second);
    CHECK(second.error().code == Errc::conflict);
    CHECK(second.error().what.find("(pid " + std::to_string(getpid()) + ")") != std::string::npos);
    CHECK(DataDir::owner(folder.path) == getpid());
}

TEST_CASE("a data folder is free again when its owner is gone") {
    const Folder folder;
    {
        REQUIRE(DataDir::open(folder.path));
    }
    CHECK(DataDir::owner(folder.path) == 0);
    CHECK(DataDir::open(folder.path));
}

TEST_CASE(
    "a data folder is free once a command that a killed server was starting has let go of it") {
    const Folder folder;
    std::filesystem::create_directories(folder.path);
    support::Child server({"true"});
    const pid_t gone = server.pid();
    server.wait();
    const int lock = ::open((folder.path + "/lock").c_str(), O_RDWR | O_CREAT, 0600);
    REQUIRE(flock(lock, LOCK_EX | LOCK_NB) == 0);
    REQUIRE(dprintf(lock, "%d\n", gone) > 0);
    const support::Child command({"sleep", "0.2"});  // has the lock, too
    close(lock);

    CHECK(DataDir::open(folder.path));
    CHECK(DataDir::owner(folder.path) == 0);
}

TEST_CASE("nobody but its owner may look into a new data folder") {
    const Folder folder;
    REQUIRE(DataDir::open(folder.path));
    struct stat found{};
    REQUIRE(stat(folder.path.c_str(), &found) == 0);
    CHECK((found.st_mode & 0777) == 0700);
}

TEST_CASE("a folder that cannot be made is refused with what to do") {
    const auto data = DataDir::open("/proc/nowhere/data");
    REQUIRE_FALSE(data);
    CHECK(data.error().code == Errc::unavailable);
    CHECK(data.error().what.find("--data-dir") != std::string::npos);
}

TEST_CASE("a zone that the system does not have has no bytes") {
    CHECK_FALSE(read_zone_file("/usr/share/zoneinfo", "Mars/Olympus"));
    CHECK_FALSE(read_zone_file("/usr/share/zoneinfo", "Europe"));
    const auto berlin = read_zone_file("/usr/share/zoneinfo", "Europe/Berlin");
    REQUIRE(berlin);
    CHECK(berlin->starts_with("TZif"));
}

}  // namespace cjv::app

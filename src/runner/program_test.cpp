#include "runner/program.h"

#include "support/temp_folder.h"

#include <doctest/doctest.h>
#include <sys/wait.h>

#include <unistd.h>

namespace cjv::runner {
namespace {

constexpr std::string_view kScript = "#!/bin/sh\n";

// Runs `check` as nobody where we are root, to whom every folder is open; whether it was true.
template <class Check>
bool holds_for_ordinary_user(Check check) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit((::geteuid() != 0 || ::setuid(65534) == 0) && check() ? 0 : 1);
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST_CASE("a bare name is the first program of that name on the path") {
    const support::TempFolder first, second;
    first.file("other", kScript, 0755);
    second.file("report", kScript, 0755);
    const std::string path =
        "/does-not-exist:" + first.path().string() + ":" + second.path().string();

    CHECK(find_program("report", path).value() == second.path().string() + "/report");
}

TEST_CASE("a bare name that cannot be run in one folder is looked for in the next") {
    const support::TempFolder first, second;
    first.file("report", kScript, 0644);
    second.file("report", kScript, 0755);

    CHECK(find_program("report", first.path().string() + ":" + second.path().string()).value() ==
          second.path().string() + "/report");
    CHECK(find_program("report", first.path().string()).error().what ==
          "not executable: " + first.path().string() + "/report");
}

TEST_CASE("a refusal names what is wrong with the program") {
    const support::TempFolder folder;
    const std::string here = folder.path().string();
    const std::string plain = folder.file("plain", kScript, 0644);
    const std::string shared = folder.file("shared", kScript, 0775);

    CHECK(find_program(here + "/none", "").error().what == "no such file: " + here + "/none");
    CHECK(find_program(plain + "/x", "").error().what == "no such file: " + plain + "/x");
    CHECK(find_program(plain, "").error().what == "not executable: " + plain);
    CHECK(find_program(here, "").error().what == "not a regular file: " + here);
    CHECK(find_program("none", "/bin:/usr/bin").error().what ==
          "no such program: none (searched /bin:/usr/bin)");
    CHECK(find_program("bin/none", "/").error().code == Errc::bad_input);
    CHECK(find_program("", "/bin").error().code == Errc::bad_input);
    CHECK(find_program(shared, "").error().what ==
          "others than its owner may change " + shared +
              ", so it is not run; chmod go-w makes it safe");
}

TEST_CASE("a relative folder on the path is passed by") {
    CHECK_FALSE(find_program("sh", "bin:.:"));
    CHECK(find_program("sh", "bin:/bin").value() == "/bin/sh");
}

TEST_CASE("a folder has to be absolute, there, and a folder") {
    const support::TempFolder folder;
    const std::string file = folder.file("file", "");

    CHECK(check_folder(folder.path().string()));
    CHECK(check_folder(folder.path().string() + "/none").error().what ==
          "no such folder: " + folder.path().string() + "/none");
    CHECK(check_folder(file).error().what == "not a folder: " + file);
    CHECK(check_folder("tmp").error().what == "not an absolute folder: tmp");
}

TEST_CASE("a folder that may not be entered is refused, and so is a program in it") {
    const support::TempFolder folder;
    const std::string program = folder.file("program", kScript, 0755);
    std::filesystem::permissions(folder.path(), std::filesystem::perms(0600));

    CHECK(holds_for_ordinary_user([&] {
        return check_folder(folder.path().string()).error().code == Errc::forbidden &&
               find_program(program, "").error().code == Errc::forbidden;
    }));
}

}  // namespace
}  // namespace cjv::runner

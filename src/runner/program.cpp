#include "runner/program.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>
#include <system_error>

namespace cjv::runner {
namespace {

std::string reason(int error) { return std::generic_category().message(error); }

// The words come from us where people meet them daily; the rest says what the system says.
std::unexpected<Error> cannot_reach(const std::string& path, std::string_view missing, int error) {
    if (error == ENOENT || error == ENOTDIR)
        return fail(Errc::not_found, std::string(missing) + ": " + path);
    return fail(error == EACCES ? Errc::forbidden : Errc::unavailable, path + ": " + reason(error));
}

Result<void> check_program(const std::string& file) {
    struct stat status{};
    if (::stat(file.c_str(), &status) != 0) return cannot_reach(file, "no such file", errno);
    if (!S_ISREG(status.st_mode)) return fail(Errc::bad_input, "not a regular file: " + file);
    if (::faccessat(AT_FDCWD, file.c_str(), X_OK, AT_EACCESS) != 0)
        return fail(Errc::forbidden, "not executable: " + file);
    if (status.st_mode & (S_IWGRP | S_IWOTH))
        return fail(Errc::forbidden, "others than its owner may change " + file +
                                         ", so it is not run; chmod go-w makes it safe");
    return {};
}

}  // namespace

Result<std::string> find_program(std::string_view name, std::string_view path) {
    if (name.empty()) return fail(Errc::bad_input, "the command has no program");
    if (name.starts_with('/')) {
        std::string file(name);
        if (const auto fit = check_program(file); !fit) return std::unexpected(fit.error());
        return file;
    }
    if (name.find('/') != name.npos)
        return fail(Errc::bad_input,
                    "a program is an absolute path or a bare name, not " + std::string(name));

    // As a shell does: what cannot be run is passed by, and named only if nothing better comes.
    Result<std::string> found = fail(Errc::not_found, "no such program: " + std::string(name) +
                                                          " (searched " + std::string(path) + ")");
    for (std::string_view rest = path; !rest.empty();) {
        const std::string_view folder = rest.substr(0, rest.find(':'));
        rest.remove_prefix(std::min(rest.size(), folder.size() + 1));
        if (!folder.starts_with('/')) continue;
        std::string file = std::string(folder) + "/" + std::string(name);
        const auto fit = check_program(file);
        if (fit) return file;
        if (fit.error().code != Errc::not_found) found = std::unexpected(fit.error());
    }
    return found;
}

Result<void> check_folder(const std::string& folder) {
    if (!folder.starts_with('/')) return fail(Errc::bad_input, "not an absolute folder: " + folder);
    struct stat status{};
    if (::stat(folder.c_str(), &status) != 0) return cannot_reach(folder, "no such folder", errno);
    if (!S_ISDIR(status.st_mode)) return fail(Errc::bad_input, "not a folder: " + folder);
    if (::faccessat(AT_FDCWD, folder.c_str(), X_OK, AT_EACCESS) != 0)
        return fail(Errc::forbidden, "may not be entered: " + folder);
    return {};
}

}  // namespace cjv::runner

#include <fmt/core.h>

#include <cstdio>

#include "cli/command.h"

namespace cjv::cli {

int tell(const Error& error) {
    for (const FieldError& field : error.fields) {
        if (field.message != error.what)
            fmt::print(stderr, "{}: {}\n", field.path.empty() ? "error" : field.path,
                       field.message);
        if (!field.hint.empty()) fmt::print(stderr, "hint: {}\n", field.hint);
    }
    fmt::print(stderr, "{}\n", error.what);
    return error.code == Errc::unavailable ? out_of_reach : failed;
}

int tell_usage(const Error& error) {
    tell(error);
    return wrong_usage;
}

}  // namespace cjv::cli

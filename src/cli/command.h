#pragma once
// What every command shares: the global options, exit codes, and how a failure is told. One command, one
// file; main.cpp turns arguments into these calls.

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace cjv::cli {

// What scripts rely on; see docs/reference/cli.md.
enum ExitCode : int { done = 0, failed = 1, wrong_usage = 2, out_of_reach = 3, stopped = 130 };

// Given before or after a command's name; nothing where it was not given.
struct Global {
    std::optional<std::string> config;  // path of the TOML file
    std::optional<std::string> data_dir;
    std::optional<std::string> log_level;
    bool json = false;
};

struct ServeFlags {
    std::optional<std::string> listen, prefix, broker, result_backend, store;
};
struct NextFlags {
    std::string expression;
    std::string timezone = "UTC";
    std::string from;  // ISO 8601; empty: now
    int count = 5;
    std::string day_match = "either";
    std::string dst_gap = "after_gap", dst_fold = "first";
};
struct CheckFlags {
    bool jsonl = false;
    std::string crontab;  // path; empty with `jsonl`
    bool user_column = false;
};
struct UserFlags {
    std::string name, email;
    bool staff = false, superuser = false, password_stdin = false;
};

int serve(const Global& global, const ServeFlags& flags);
int migrate(const Global& global, bool check_only);
int next(const Global& global, const NextFlags& flags);
int explain(const Global& global, const NextFlags& flags);
int schedule_check(const Global& global, const CheckFlags& flags);
int user_add(const Global& global, const UserFlags& flags);
int user_passwd(const Global& global, const UserFlags& flags);
int user_list(const Global& global);
std::string version_text();

// Prints the reason on stderr, every refused field on a line of its own, and returns the exit code for it.
int tell(const Error& error);
// The same for a configuration that cannot be used: always wrong_usage.
int tell_usage(const Error& error);

}  // namespace cjv::cli

// Arguments to command; the last catch. The only door to CLI11.

#include <fmt/core.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <functional>
#include <string>

#include "cli/command.h"

namespace {

using cjv::cli::Global;

// CLI11 fills a std::optional only where the option was given.
void add_globals(CLI::App& app, Global& global) {
    app.add_option("--config", global.config, "Configuration file (TOML)")->type_name("FILE");
    app.add_option("--data-dir", global.data_dir, "Folder with everything the server keeps")
        ->type_name("DIR");
    app.add_option("--log-level", global.log_level, "debug, info, warning or error")
        ->type_name("LEVEL");
    app.add_flag("--json", global.json, "One JSON document on stdout instead of text for people");
}

CLI::App* command(CLI::App& parent, const std::string& name, const std::string& what,
                  const std::string& example, Global& global) {
    CLI::App* sub = parent.add_subcommand(name, what);
    sub->footer("Example:\n  cron-job-viewer " + example);
    add_globals(*sub, global);  // the same options before and after the command's name
    return sub;
}

int run(int argc, char** argv) {
    CLI::App app{"Cron Job Viewer: schedules jobs, runs them, and shows what became of each.",
                 "cron-job-viewer"};
    Global global;
    add_globals(app, global);
    app.require_subcommand(1);
    app.footer("Example:\n  cron-job-viewer serve --data-dir ./data");
    app.set_version_flag("--version", cjv::cli::version_text());

    std::function<int()> chosen;

    cjv::cli::ServeFlags serve;
    CLI::App* sub = command(app, "serve", "Runs the server until it is told to stop",
                            "serve --listen 127.0.0.1:8000", global);
    sub->add_option("--listen", serve.listen, "Address to listen on; port 0 takes a free one")
        ->type_name("HOST:PORT");
    sub->add_option("--prefix", serve.prefix, "Path under which the pages are served")
        ->type_name("PATH");
    sub->add_option("--store", serve.store, "Where data is kept")->type_name("URL");
    sub->add_option("--broker", serve.broker, "Celery's broker")->type_name("URL");
    sub->add_option("--result-backend", serve.result_backend, "Celery's result backend")
        ->type_name("URL");
    sub->callback([&] { chosen = [&] { return cjv::cli::serve(global, serve); }; });

    bool check_only = false;
    sub = command(app, "migrate", "Brings the store up to date; `serve` does so by itself",
                  "migrate --check", global);
    sub->add_flag("--check", check_only, "Only say whether there is something to do");
    sub->callback([&] { chosen = [&] { return cjv::cli::migrate(global, check_only); }; });

    cjv::cli::NextFlags next;
    const auto asks_schedule = [&](CLI::App& asking) {
        asking
            .add_option("expression", next.expression,
                        "A schedule as a job has it: \"0 9 * * 1-5\"")
            ->required();
        asking.add_option("--timezone", next.timezone, "IANA name of the zone it is meant in");
        asking.add_option("--from", next.from, "Instant after which to look, in ISO 8601");
        asking.add_option("--count", next.count, "How many times to show")
            ->check(CLI::Range(1, 1000));
        asking.add_option("--day-match", next.day_match, "How the two day fields combine")
            ->check(CLI::IsMember({"either", "both"}));
        asking.add_option("--dst-gap", next.dst_gap, "What becomes of a time that the clock skips")
            ->check(CLI::IsMember({"after_gap", "skip"}));
        asking
            .add_option("--dst-fold", next.dst_fold, "Which pass of a time that comes twice runs")
            ->check(CLI::IsMember({"first", "both", "second"}));
    };
    sub = command(app, "next", "Says a schedule in words, and its coming times",
                  "next '0 9 * * 1-5' --timezone Europe/Berlin", global);
    asks_schedule(*sub);
    sub->callback([&] { chosen = [&] { return cjv::cli::next(global, next); }; });

    sub = command(app, "explain", "Says all there is to know about a schedule",
                  "explain 'every weekday at 9:30' --timezone Europe/Berlin", global);
    asks_schedule(*sub);
    sub->callback([&] { chosen = [&] { return cjv::cli::explain(global, next); }; });

    cjv::cli::CheckFlags check;
    CLI::App* schedules = command(app, "schedule", "Schedules, without a server",
                                  "schedule check --crontab /etc/crontab", global);
    schedules->require_subcommand(1);
    sub = command(*schedules, "check", "Checks many schedules: JSON lines, or a crontab",
                  "schedule check --crontab /etc/crontab", global);
    auto* jsonl = sub->add_flag("--jsonl", check.jsonl,
                                "One JSON question a line on standard input, one answer a line");
    auto* crontab = sub->add_option("--crontab", check.crontab, "A crontab to check")
                        ->type_name("FILE")
                        ->excludes(jsonl);
    sub->add_flag("--user-column", check.user_column,
                  "A user's name stands before each command, as in /etc/crontab and cron.d")
        ->needs(crontab);
    sub->callback([&] { chosen = [&] { return cjv::cli::schedule_check(global, check); }; });

    cjv::cli::UserFlags user;
    CLI::App* users = command(app, "user", "People who may sign in", "user list", global);
    users->require_subcommand(1);
    sub = command(*users, "add", "Adds a person",
                  "user add amara --staff --password-stdin < password.txt", global);
    sub->add_option("name", user.name, "Name to sign in with")->required();
    sub->add_option("--email", user.email, "E-mail address");
    sub->add_flag("--staff", user.staff, "May view everything and own jobs");
    sub->add_flag("--superuser", user.superuser, "May change everything");
    sub->add_flag("--password-stdin", user.password_stdin, "Read the password from standard input");
    sub->callback([&] { chosen = [&] { return cjv::cli::user_add(global, user); }; });

    sub = command(*users, "passwd", "Sets a person's password and ends their sessions",
                  "user passwd amara", global);
    sub->add_option("name", user.name, "Name to sign in with")->required();
    sub->add_flag("--password-stdin", user.password_stdin, "Read the password from standard input");
    sub->callback([&] { chosen = [&] { return cjv::cli::user_passwd(global, user); }; });

    sub = command(*users, "list", "Lists everybody who may sign in", "user list --json", global);
    sub->callback([&] { chosen = [&] { return cjv::cli::user_list(global); }; });

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        // CLI11 misses a command or an argument before it minds a word that is none.
        if (const auto unknown = app.remaining(true);
            dynamic_cast<const CLI::RequiredError*>(&error) && !unknown.empty()) {
            fmt::print(stderr, "{}: no such command or option\n", unknown.front());
            fmt::print(stderr, "Run with --help for more information.\n");
            return cjv::cli::wrong_usage;
        }
        return app.exit(error) == 0 ? cjv::cli::done : cjv::cli::wrong_usage;
    }
    return chosen();
}

}  // namespace

int main(int argc, char** argv) {
    umask(077);  // whatever any command makes is for its owner alone
    try {
        const int code = run(argc, argv);
        if (std::fflush(stdout) == 0) return code;
        fmt::print(stderr, "standard output: {}\n", std::strerror(errno));
        return cjv::cli::failed;
    } catch (const std::exception& error) {
        fmt::print(stderr, "cron-job-viewer: {}\n", error.what());
        return cjv::cli::failed;
    }
}

#include "dispatch/command.h"

#include "base/iso8601.h"
#include "base/json.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <utility>

namespace cjv::dispatch {
namespace {

using namespace std::chrono_literals;
using Environment = std::map<std::string, std::string>;

Result<void> add_overrides(Environment& env, const std::string& overrides) {
    if (overrides.empty()) return {};
    const auto object = json::parse(overrides);
    if (!object) return fail(object.error(), "read the arguments of the run");
    const auto given = object->find("env");
    if (!given) return {};
    for (const auto& [name, value] : given->members()) {
        const auto text = value.as_string();
        if (!text) return fail(Errc::corrupt, "the run's env holds something but strings");
        env[std::string(name)] = *text;
    }
    return {};
}

// Later ones win: ours, the job's, the run's; and who the run is cannot be changed by anybody.
Result<Environment> environment(const domain::CommandTarget& target, const Try& run,
                                const Settings& settings) {
    Environment env{{"PATH", settings.path}, {"HOME", settings.home}, {"LANG", "C.UTF-8"}};
    for (const auto& [name, value] : target.env) env[name] = value;
    if (const auto added = add_overrides(env, run.overrides); !added)
        return std::unexpected(added.error());
    env["CJV_RUN_ID"] = to_text(run.run);
    env["CJV_SCHEDULED_FOR"] = run.slot ? to_iso8601(*run.slot) : "";
    env["CJV_ATTEMPT"] = std::to_string(run.attempt);
    return env;
}

// With a shell the first element is its script, and the rest are $1 and so on: never pasted into it.
std::vector<std::string> in_shell(std::vector<std::string> argv) {
    std::vector<std::string> whole{"/bin/sh", "-c", std::move(argv.front()), "sh"};
    whole.insert(whole.end(), std::make_move_iterator(argv.begin() + 1),
                 std::make_move_iterator(argv.end()));
    return whole;
}

std::string signal_text(int signal) {
    const char* name = ::sigabbrev_np(signal);
    return name ? fmt::format("signal {} ({})", signal, name) : fmt::format("signal {}", signal);
}

std::string how_it_ended(const runner::End& end) {
    return end.signal != 0 ? signal_text(end.signal) : fmt::format("exit code {}", end.exit_code);
}

double seconds(std::chrono::milliseconds time) { return double(time.count()) / 1000; }

// What people should know besides: processes that the command left.
std::string note_on(const runner::End& end) {
    std::string note;
    if (end.leftovers == 1)
        note =
            "One process of its session was still there when the command had ended, and was ended.";
    if (end.leftovers > 1)
        note = fmt::format(
            "{} processes of its session were still there when the command had ended, and were "
            "ended.",
            end.leftovers);
    if (!end.strays.empty())
        note += fmt::format("{}What had left its session was left alone: process {}.",
                            note.empty() ? "" : " ", fmt::join(end.strays, ", "));
    return note;
}

void judge(store::Ended& ended, const Prepared& prepared, const runner::End& end,
           domain::Reason asked) {
    const runner::Command& command = prepared.command;
    if (end.stop == runner::Stop::timeout) {
        ended.status = domain::Status::timed_out;
        ended.error =
            fmt::format("Its timeout of {:g} s passed", seconds(command.timeout.value_or(0ms)));
        ended.error += end.killed
                           ? fmt::format("; it ignored TERM for {:g} s and was killed.",
                                         seconds(command.patience.term))
                           : fmt::format("; told to stop, it ended with {}.", how_it_ended(end));
    } else if (end.stop == runner::Stop::asked) {
        ended.status = domain::Status::cancelled;
        ended.reason = asked;
        if (end.killed) ended.error = "It was killed.";
    } else if (end.signal != 0) {
        ended.status = domain::Status::failed;
        ended.reason = domain::Reason::signal;
        ended.error = fmt::format("Ended by {}.", signal_text(end.signal));
    } else if (std::ranges::count(prepared.success_codes, end.exit_code) == 0) {
        ended.status = domain::Status::failed;
        ended.reason = domain::Reason::exit_code;
        ended.error = fmt::format("Exit code {}.", end.exit_code);
    }
}

}  // namespace

Result<Prepared> prepare(const domain::Job& job, const Try& run, const Settings& settings) {
    auto target = domain::command_target(job);
    if (!target) return std::unexpected(target.error());
    if (target->shell && !settings.shell)
        return fail(Errc::forbidden, "the job wants a shell, and runner.shell does not allow it");
    auto env = environment(*target, run, settings);
    if (!env) return std::unexpected(env.error());
    (*env)["CJV_JOB_ID"] = to_text(job.id);

    Prepared prepared{
        .run = run.run, .command = {}, .success_codes = std::move(target->success_codes)};
    runner::Command& command = prepared.command;
    command.argv = target->shell ? in_shell(std::move(target->argv)) : std::move(target->argv);
    for (const auto& [name, value] : *env) command.env.push_back(fmt::format("{}={}", name, value));
    command.path = settings.path;
    command.folder = target->cwd.empty() ? settings.home : target->cwd;
    command.stdin_text = std::move(target->stdin_text);
    if (job.timeout) command.timeout = std::chrono::seconds{*job.timeout};
    command.mark = to_text(run.run);
    command.patience = settings.patience;
    return prepared;
}

store::Ended not_started(const RunId& run, const Error& error, Instant now) {
    return {.run = run,
            .at = now,
            .status = domain::Status::failed,
            .reason = domain::Reason::spawn_error,
            .error = error.what};
}

store::Ended ended(const Prepared& prepared, const runner::End& end, domain::Reason asked) {
    store::Ended ended{.run = prepared.run, .at = end.ended, .note = note_on(end)};
    if (end.signal == 0) ended.exit_code = end.exit_code;
    judge(ended, prepared, end, asked);
    return ended;
}

}  // namespace cjv::dispatch

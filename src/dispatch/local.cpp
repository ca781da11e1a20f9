#include "dispatch/local.h"

#include "runner/output.h"
#include "runner/process.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cjv::dispatch {
namespace {

using domain::Reason;

constexpr std::chrono::milliseconds kRound{100};  // a viewer sees output well within 300 ms
// Beyond this the store has enough to do: output waits here, where it can be cut.
constexpr std::uint64_t kBacklog = 4 << 20;

struct Going {
    Going(Prepared command, runner::OutputMemory& memory, const runner::OutputLimits& limits)
        : prepared(std::move(command)), output(memory, limits) {}

    Prepared prepared;
    runner::Output output;
    std::optional<runner::Process> process = {};
    Reason asked = Reason::none;  // why we told it to stop
    std::optional<runner::End> end = {};
};

// A process that waits, and for which command.
struct HeldCommand {
    runner::Command command;
    runner::Held process;
};

store::Stream in_store(runner::Stream stream) {
    return stream == runner::Stream::out ? store::Stream::out : store::Stream::err;
}

store::OutputRound in_store(const RunId& run, runner::OutputRound round) {
    store::OutputRound out{.run = run,
                           .chunks = {},
                           .printed = round.printed,
                           .drop_from = round.drop_from,
                           .drop_until = round.drop_until};
    for (runner::Chunk& chunk : round.chunks)
        out.chunks.push_back({.stream = in_store(chunk.stream),
                              .at = chunk.at,
                              .offset = chunk.offset,
                              .bytes = std::move(chunk.bytes)});
    return out;
}

}  // namespace

struct Local::Parts {
    Parts(boost::asio::io_context& context, store::Store& where, const Clock& time, Log& lines,
          const Settings& how, Bells whom)
        : store(where),
          clock(time),
          log(lines),
          settings(how),
          bells(std::move(whom)),
          table("CJV_RUN_ID"),
          around{context, clock, table},
          timer(context),
          hold_timer(context) {}

    store::Store& store;
    const Clock& clock;
    Log& log;
    const Settings& settings;
    Bells bells;
    runner::ProcessTable table;
    runner::Surroundings around;
    boost::asio::steady_timer timer;
    bool is_armed = false;
    runner::OutputMemory memory;
    std::unordered_map<RunId, Going> runs;
    std::unordered_map<RunId, HeldCommand> held;
    bool has_said_why = false;  // that nothing can be held
    boost::asio::steady_timer hold_timer;

    void hold(const std::vector<Prepared>& all, Steady until);
    std::optional<runner::Held> take_held(const RunId& run, const runner::Command& command);
    void start(std::vector<Prepared>&& all);
    void tell_start(const RunId& run, runner::Process process);
    void refuse(const RunId& run, const Error& error);
    void on_output(const RunId& run, runner::Stream stream, std::string_view bytes);
    void on_end(const RunId& run, const runner::End& end);
    void stop(Going& going, Reason why, Urgency urgency);
    bool is_store_busy() const { return store.waiting_output_bytes() > kBacklog; }
    bool tell(Going& going);
    void arm();
    void turn();
};

void Local::Parts::hold(const std::vector<Prepared>& all, Steady until) {
    held.clear();  // of an instant that did not come
    for (const Prepared& prepared : all) {
        if (clock.steady() >= until) break;
        if (runs.contains(prepared.run)) continue;
        auto process = runner::hold(prepared.command);
        if (!process) {  // the start says what is wrong with the command, or goes well
            if (process.error().code == Errc::unavailable && !std::exchange(has_said_why, true))
                log.info("dispatch.not_held", {{"error", process.error().what}});
            continue;
        }
        held.try_emplace(prepared.run, prepared.command, *std::move(process));
    }
    hold_timer.expires_after(until - clock.steady());
    hold_timer.async_wait([this](boost::system::error_code error) {
        if (!error) held.clear();
    });
}

// The job may have been edited since, and the same run be of another command.
std::optional<runner::Held> Local::Parts::take_held(const RunId& run,
                                                    const runner::Command& command) {
    auto found = held.extract(run);
    if (!found || found.mapped().command != command) return std::nullopt;
    return std::move(found.mapped().process);
}

void Local::Parts::start(std::vector<Prepared>&& all) {
    const runner::OutputLimits limits{settings.output_head, settings.output_tail};
    std::vector<RunId> started;
    std::vector<runner::Launch> launches;
    for (Prepared& prepared : all) {
        const RunId run = prepared.run;
        const auto [at, is_new] = runs.try_emplace(run, std::move(prepared), memory, limits);
        if (!is_new) continue;
        started.push_back(run);
        launches.push_back(
            {.command = at->second.prepared.command,
             .watcher = {
                 .output = [this, run](runner::Stream stream,
                                       std::string_view bytes) { on_output(run, stream, bytes); },
                 .end = [this, run](const runner::End& end) { on_end(run, end); }},
             .held = take_held(run, at->second.prepared.command)});
    }
    held.clear();  // of a decision that was taken back: what starts now may need their room
    auto processes = runner::Process::start(around, std::move(launches));
    for (std::size_t i = 0; i < started.size(); ++i) {
        if (processes[i])
            tell_start(started[i], *std::move(processes[i]));
        else
            refuse(started[i], processes[i].error());
    }
}

void Local::Parts::tell_start(const RunId& run, runner::Process process) {
    const runner::Identity& identity = process.identity();
    store.observe_started(
        {.run = run,
         .at = process.started(),
         .worker = settings.worker,
         .process = domain::ProcessId{identity.pid, identity.start_time, identity.boot_id}});
    runs.at(run).process = std::move(process);
}

void Local::Parts::refuse(const RunId& run, const Error& error) {
    log.warn("dispatch.not_started", {{"run", to_text(run)}, {"error", error.what}});
    store.observe_ended(not_started(run, error, clock.now()));
    runs.erase(run);
    bells.on_place();
    bells.on_told();
}

void Local::Parts::on_output(const RunId& run, runner::Stream stream, std::string_view bytes) {
    runs.at(run).output.append(stream, bytes, clock.now());
    arm();
}

void Local::Parts::on_end(const RunId& run, const runner::End& end) {
    Going& going = runs.at(run);
    going.end = end;
    bells.on_place();  // what is still to be told takes no place
    if (!tell(going)) return arm();
    runs.erase(run);
    bells.on_told();
}

void Local::Parts::stop(Going& going, Reason why, Urgency urgency) {
    if (!going.process || going.end) return;
    if (going.asked == Reason::none) going.asked = why;
    urgency == Urgency::kill ? going.process->kill() : going.process->stop(runner::Stop::asked);
}

// Hands the store what waits: a round of a run that is going on, all of one that has ended, as far as
// the store keeps up. True when the store has been told its end: there is no more to tell.
bool Local::Parts::tell(Going& going) {
    const RunId run = going.prepared.run;
    do {
        if (!going.output.is_waiting()) break;
        if (is_store_busy()) return false;
        store.observe_output(in_store(run, going.output.take()));
    } while (going.end);
    if (!going.end) return false;

    store::Ended told = ended(going.prepared, *going.end, going.asked);
    told.output_size = going.output.printed();
    told.output_cut = going.output.cut();
    store.observe_ended(std::move(told));
    return true;
}

void Local::Parts::arm() {
    if (std::exchange(is_armed, true)) return;
    timer.expires_after(kRound);
    timer.async_wait([this](boost::system::error_code error) {
        if (!error) turn();
    });
}

void Local::Parts::turn() {
    is_armed = false;
    for (auto at = runs.begin(); at != runs.end();) {
        const bool done = tell(at->second);
        if (!done && (at->second.end || at->second.output.is_waiting())) arm();
        at = done ? runs.erase(at) : std::next(at);
        if (done) bells.on_told();
    }
}

Local::Local(boost::asio::io_context& io, store::Store& store, const Clock& clock, Log& log,
             const Settings& settings, Bells bells)
    : parts_(std::make_unique<Parts>(io, store, clock, log, settings, std::move(bells))) {}
Local::~Local() = default;

void Local::hold(const std::vector<Prepared>& prepared, Steady until) {
    parts_->hold(prepared, until);
}

void Local::start(std::vector<Prepared> prepared) { parts_->start(std::move(prepared)); }

void Local::cancel(const RunId& run, Reason why, Urgency urgency) {
    const auto at = parts_->runs.find(run);
    if (at != parts_->runs.end()) parts_->stop(at->second, why, urgency);
}

void Local::cancel_all(Reason why, Urgency urgency) {
    for (auto& [run, going] : parts_->runs) parts_->stop(going, why, urgency);
}

std::size_t Local::going() const { return parts_->runs.size(); }

}  // namespace cjv::dispatch

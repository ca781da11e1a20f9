#pragma once
// The workers, by what they say of themselves: their events, and their answers to our questions.

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "celery/control_reply.h"
#include "celery/worker_state.h"

namespace cjv::monitor {

// What a worker answered of itself; what it was not asked yet, or did not answer, is empty.
struct WorkerAnswers {
    std::optional<celery::WorkerStats> stats = {};
    std::string stats_text = {};  // JSON, as it came
    std::vector<std::string> registered = {};
    std::vector<celery::ConsumedQueue> queues = {};
};

struct Worker {
    std::string name;  // the node name, "celery@host"
    celery::WorkerPhase phase = celery::WorkerPhase::online;
    celery::WorkerState state = {};
    std::shared_ptr<const WorkerAnswers> answers = std::make_shared<const WorkerAnswers>();
    // Whether it tells of its tasks: it did, or it said that it will. Nothing: it was just asked to.
    std::optional<bool> tells_tasks = {};

    bool is_solo() const { return answers->stats && answers->stats->solo; }
};

// The name of a task, and who could run it.
struct TaskName {
    std::string name;
    std::vector<std::string> workers = {};  // online or late ones that registered it
    Instant seen_at{};  // the newest sign of one of these, or of a task of that name
};

// Any thread.
class Workers {
public:
    static constexpr std::size_t kMost = 10'000;
    static constexpr std::size_t kMostTasks = 10'000;
    static constexpr std::chrono::seconds kAskedEvery{15};  // those that send no heartbeats

    // Takes any event; it came at `now`. False for one of a worker that finds no room.
    bool apply(const celery::Event& event, Instant now);
    // It answered that command at `now`; what is not about itself only shows that it lives.
    void take_answer(std::string_view name, std::string_view method,
                     const celery::ControlReply& reply, Instant now);
    // While runs are open a solo pool may be at work on one, and is silent then.
    void set_has_runs(bool has_runs);

    // By name, without those that are gone.
    std::vector<Worker> all(Instant now) const;
    std::optional<Worker> find(std::string_view name, Instant now) const;
    // What workers registered, and what was seen of others: names that contain `part`, in order. Celery's own
    // ("celery.chord") are left out.
    std::vector<TaskName> tasks(std::string_view part, Instant now) const;

    // Those to be asked now who they are and to tell of tasks: new or started again, and not silent. Each comes
    // again, ever more seldom, until it has answered both.
    std::vector<std::string> strangers(Instant now);
    // Forgets those that are gone.
    void forget_gone(Instant now);

private:
    struct Known {
        celery::WorkerState state;
        std::shared_ptr<const WorkerAnswers> answers = std::make_shared<const WorkerAnswers>();
        bool tells_tasks = false;
        std::optional<Instant> ask_at = {};  // nothing: it has answered
        std::chrono::milliseconds pause{500};
        std::int64_t pid = 0;  // of whom we know answers
        std::optional<Instant> online_since = {};
    };
    using Table = std::map<std::string, Known, std::less<>>;

    Known* known(std::string_view name);
    static void meet_again(Known& worker, Instant now);
    void note_task(std::string_view name, Instant now);
    Worker view(const Table::value_type& row, Instant now) const;

    mutable std::mutex mutex_;
    Table table_;
    std::map<std::string, Instant, std::less<>> seen_tasks_;  // by their events
    bool has_runs_ = false;
    json::Tape tape_;
};

}  // namespace cjv::monitor

#include "monitor/queues.h"

#include <algorithm>

#include "base/json.h"
#include "celery/binding.h"
#include "celery/task_reader.h"

namespace cjv::monitor {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kMostUnacked = 2'000;  // whole messages lie there
constexpr auto kKeysAtOnce = "1000";
// A look over all keys takes so much of Redis' time at most: a part in 200.
constexpr auto kLeastPause = 2s;
constexpr int kPauseForTime = 200;

// Nothing was refused and all is of the kind that was asked for.
Result<net::Replies> answer_to(net::Redis& broker, net::Commands commands) {
    net::Answer answer = broker.ask(std::move(commands));
    if (!answer) return std::unexpected(answer.error().error);
    // A key of another kind under a queue's name is somebody else's.
    const auto trouble = answer->trouble();
    if (trouble != net::Trouble::none && trouble != net::Trouble::wrong_type)
        return fail(Errc::unavailable, std::string(net::advice_on(trouble)));
    return *std::move(answer);
}

// For MATCH: a prefix may have any letters.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char letter : text) {
        if (std::string_view("*?[]\\").find(letter) != std::string_view::npos) out += '\\';
        out += letter;
    }
    return out;
}

// Nothing: its messages go to an exchange, which may feed any queue.
std::optional<std::string> queue_of(const domain::Job& job, const celery::TaskRoutes& routes) {
    const auto target = json::parse(job.target);
    const auto text_of = [&](std::string_view name) {
        const auto value = target ? target->find(name) : std::nullopt;
        return std::string(value ? value->as_string().value_or("") : "");
    };
    if (auto queue = text_of("queue"); !queue.empty()) return queue;
    if (!text_of("exchange").empty()) return std::nullopt;
    return routes.queue_of(job.task);
}

// Of an element of `unacked`: [message, exchange, routing key].
std::optional<std::string> queue_of_unacked(json::Tape& tape, std::string_view text) {
    const auto root = tape.read(text);
    if (!root || !root->is_array()) return std::nullopt;
    std::optional<std::string> last;
    for (const json::Item part : *root)
        if (const auto word = part.as_string()) last = std::string(*word);
    return last;
}

QueuedMessage read_message(celery::TaskReader& reader, std::string_view text) {
    const auto task = reader.read(text);
    if (!task) return {.unread = task.error().what};
    return {.task = std::string(task->task),
            .id = std::string(task->id),
            .args = std::string(task->argsrepr),
            .kwargs = std::string(task->kwargsrepr),
            .eta = task->eta,
            .expires = task->expires,
            .priority = task->priority,
            .retries = task->retries,
            .unread = task->opaque};
}

}  // namespace

std::set<std::string> Queues::queues_of_jobs(bool active_only) const {
    std::set<std::string> queues;
    for (const auto& entry : store_.board().all()) {
        const domain::Job& job = *entry->job;
        if (job.kind != domain::Kind::celery || (active_only && !job.is_active)) continue;
        if (auto queue = queue_of(job, routes_)) queues.insert(*std::move(queue));
    }
    return queues;
}

std::map<std::string, std::int64_t> Queues::consumers() const {
    std::map<std::string, std::int64_t> consumers;
    for (const Worker& worker : workers_.all(clock_.now()))
        if (worker.phase <= celery::WorkerPhase::late)
            for (const celery::ConsumedQueue& queue : worker.answers->queues)
                ++consumers[queue.name];
    return consumers;
}

std::vector<std::string> Queues::deserted() const {
    std::set<std::string> served;
    bool is_known = false;
    for (const Worker& worker : workers_.all(clock_.now())) {
        if (worker.phase > celery::WorkerPhase::late) continue;
        if (worker.answers->queues.empty()) return {};  // it has not said yet
        is_known = true;
        for (const auto& queue : worker.answers->queues) served.insert(queue.name);
    }
    std::vector<std::string> deserted;
    if (is_known)
        std::ranges::set_difference(queues_of_jobs(true), served, std::back_inserter(deserted));
    return deserted;
}

Result<std::set<std::string>> Queues::scan() const {
    const std::string pattern = escaped(celery::binding_key(transport_, "")) + "*";
    std::set<std::string> keys;
    std::string cursor = "0";
    do {
        const auto page = answer_to(
            broker_, net::Commands{"SCAN", cursor, "MATCH", pattern, "COUNT", kKeysAtOnce});
        if (!page) return std::unexpected(page.error());
        const net::Reply reply = (*page)[0];
        cursor = reply[0].text();
        for (std::size_t i = 0; i < reply[1].size(); ++i) keys.emplace(reply[1][i].text());
    } while (cursor != "0" && !cursor.empty());

    // What events and remote control are bound to are no queues of tasks.
    for (const std::string& exchange :
         {celery::control_exchange(transport_), celery::reply_exchange(transport_),
          transport_.event_exchange})
        keys.erase(celery::binding_key(transport_, exchange));
    if (keys.empty()) return std::set<std::string>();
    net::Commands commands;
    for (const std::string& key : keys) commands.add({"SMEMBERS", key});
    const auto members = answer_to(broker_, std::move(commands));
    if (!members) return std::unexpected(members.error());
    std::set<std::string> queues;
    for (std::size_t i = 0; i < members->size(); ++i)
        for (std::size_t n = 0; n < (*members)[i].size(); ++n)
            if (auto binding = celery::read_binding(transport_, (*members)[i][n].text()))
                queues.insert(std::move(binding->queue));
    return queues;
}

Result<std::set<std::string>> Queues::bound() {
    const std::scoped_lock lock(mutex_);
    const Steady begun = clock_.steady();
    if (scan_at_ && begun < *scan_at_) return bound_;
    auto found = scan();
    if (!found) return found;
    const Steady done = clock_.steady();
    scan_at_ = done + std::max<Steady::duration>(kLeastPause, kPauseForTime * (done - begun));
    bound_ = *found;
    return found;
}

Result<std::optional<std::map<std::string, std::int64_t>>> Queues::unacked() const {
    using Counts = std::map<std::string, std::int64_t>;
    const std::string key = celery::unacked_key(transport_);
    const auto size = answer_to(broker_, net::Commands{"HLEN", key});
    if (!size) return std::unexpected(size.error());
    if ((*size)[0].integer() > kMostUnacked) return std::optional<Counts>();
    const auto held = answer_to(broker_, net::Commands{"HVALS", key});
    if (!held) return std::unexpected(held.error());
    Counts counts;
    json::Tape tape;
    for (std::size_t i = 0; i < (*held)[0].size(); ++i)
        if (auto queue = queue_of_unacked(tape, (*held)[0][i].text())) ++counts[*std::move(queue)];
    return std::optional(std::move(counts));
}

// The next message of each queue: of its first list that has one, the element at the right end.
Result<void> Queues::look_at_heads(std::vector<Queue>& queues,
                                   const std::vector<std::vector<std::int64_t>>& depths) const {
    net::Commands commands;
    std::vector<Queue*> asked;
    for (std::size_t i = 0; i < queues.size(); ++i) {
        const auto first = std::ranges::find_if(depths[i], [](auto depth) { return depth > 0; });
        if (first == depths[i].end()) continue;
        const auto keys = celery::queue_keys(transport_, queues[i].name);
        commands.add({"LINDEX", keys[std::size_t(first - depths[i].begin())], "-1"});
        asked.push_back(&queues[i]);
    }
    if (asked.empty()) return {};
    const auto heads = answer_to(broker_, std::move(commands));
    if (!heads) return std::unexpected(heads.error());
    celery::TaskReader reader;
    for (std::size_t i = 0; i < asked.size(); ++i) {
        const auto task = reader.read((*heads)[i].text());
        const auto id = task ? parse_uuid(task->cjv_run_id) : std::nullopt;
        if (!id) continue;
        const auto run = store_.find_run(RunId(*id));
        if (run && *run) asked[i]->oldest_at = (*run)->queued_at;
    }
    return {};
}

Result<std::vector<Queue>> Queues::measure() {
    auto names = bound();
    if (!names) return std::unexpected(names.error());
    names->merge(queues_of_jobs(false));
    const auto listening = consumers();
    for (const auto& [name, count] : listening) names->insert(name);
    if (names->empty()) return std::vector<Queue>();

    const auto held = unacked();
    if (!held) return std::unexpected(held.error());
    net::Commands commands;
    std::vector<Queue> queues;
    const auto count_in = [](const std::map<std::string, std::int64_t>& counts,
                             const std::string& name) {
        const auto at = counts.find(name);
        return at == counts.end() ? std::int64_t{0} : at->second;
    };
    for (const std::string& name : *names) {
        Queue queue{.name = name, .consumers = count_in(listening, name)};
        if (*held) queue.unacked = count_in(**held, name);
        queues.push_back(std::move(queue));
        for (const std::string& key : celery::queue_keys(transport_, name))
            commands.add({"LLEN", key});
    }
    const auto lengths = answer_to(broker_, std::move(commands));
    if (!lengths) return std::unexpected(lengths.error());
    const std::size_t steps = transport_.priority_steps.size();
    std::vector<std::vector<std::int64_t>> depths(queues.size());
    for (std::size_t i = 0; i < queues.size(); ++i)
        for (std::size_t step = 0; step < steps; ++step) {
            depths[i].push_back((*lengths)[i * steps + step].integer());
            queues[i].depth += depths[i].back();
        }
    if (const auto looked = look_at_heads(queues, depths); !looked)
        return std::unexpected(looked.error());
    return queues;
}

Result<std::vector<QueuedMessage>> Queues::messages(const std::string& queue, std::int64_t limit) {
    net::Commands commands;
    for (const std::string& key : celery::queue_keys(transport_, queue))
        commands.add({"LRANGE", key, std::to_string(-limit), "-1"});
    const auto lists = answer_to(broker_, std::move(commands));
    if (!lists) return std::unexpected(lists.error());
    std::vector<QueuedMessage> messages;
    celery::TaskReader reader;
    for (std::size_t i = 0; i < lists->size(); ++i)
        for (std::size_t n = (*lists)[i].size(); n > 0; --n) {
            if (std::ssize(messages) == limit) return messages;
            messages.push_back(read_message(reader, (*lists)[i][n - 1].text()));
        }
    return messages;
}

}  // namespace cjv::monitor

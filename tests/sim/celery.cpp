#include "celery.h"

#include "base/iso8601.h"
#include "celery/binding.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace cjv::sim {

using namespace std::chrono_literals;
using domain::Reason, domain::Status;
using Fault = support::RedisModel::Fault;

Celery::Celery(Dice& dice, support::MovableClock& clock, Keeper& keeper, Ledger& ledger,
               BrokerMutant mutant)
    : dice_(dice), clock_(clock), keeper_(keeper), ledger_(ledger), mutant_(mutant) {
    redis_.fault = [this](int n) { return draw_fault(n); };
    redis_.compares_numbers = mutant != BrokerMutant::compares_nothing;
    redis_.connect();
    bind_queues();
}

// As workers do when they start: one queue, or two, or none yet.
void Celery::bind_queues() {
    auto& bound = redis_.sets["_kombu.binding.orders"];
    bound.clear();
    const std::int64_t queues = is_healed_ ? 1 : dice_.roll(3);
    for (std::int64_t n = 0; n < queues; ++n)
        bound.push_back("new\x06\x16\x06\x16orders " + std::to_string(n));
    if (queues == 0) ledger_.saw("nothing bound");
}

// The run that a message is for.
static std::string run_of(const std::string& message) {
    constexpr std::string_view kId = R"("id":")";
    const auto at = message.find(kId);
    return at == message.npos ? message : message.substr(at + kId.size(), 36);
}

std::optional<store::Message> Celery::encode(const domain::Job& job, const domain::Run& run) {
    if (job.kind != domain::Kind::celery) return std::nullopt;
    store::Message message{.list = job.task, .bytes = to_text(run.id)};
    if (job.task == "list 1") {
        message.expires = run.decided_at.value_or(run.at) + 90s;
        message.bytes = R"({"body":"W10=","content-type":"application/json","headers":{"id":")" +
                        to_text(run.id) + R"(","task":"t","expires":")" +
                        to_iso8601(*message.expires) +
                        R"("},"properties":{"body_encoding":"base64"}})";
    }
    if (job.task == "list 2")
        message.list = celery::to_text({.exchange = "orders", .routing_key = "new", .priority = 0});
    return message;
}

dispatch::BrokerLine Celery::line() {
    return {.ask = [this](const net::Commands& commands,
                          std::int64_t connection) { return ask(commands, connection); },
            .state = [this] { return redis_.state(); }};
}

Fault Celery::draw_fault(int n) {
    if (n > 0) return goes_wrong(12) ? Fault::refused : Fault::none;
    if (goes_wrong(15)) return Fault::cut_before;
    // The mutant is given more of what it would be noticed by.
    const std::int64_t one_in = mutant_ == BrokerMutant::compares_nothing ? 3 : 15;
    return goes_wrong(one_in) ? Fault::cut_after : Fault::none;
}

net::Answer Celery::ask(const net::Commands& commands, std::int64_t connection) {
    if (goes_wrong(20)) {
        ledger_.saw("slow broker");
        clock_.pass(std::chrono::milliseconds{dice_.roll(3'000)});
    }
    const auto answer = redis_.ask(commands, connection);
    for (; judged_ < redis_.pushes.size(); ++judged_) judge(redis_.pushes[judged_]);
    if (!answer && answer.error().maybe_done) ledger_.saw("lost answer");
    return answer;
}

// Text of an id to a blob of SQL.
static std::string blob(std::string id) {
    std::erase(id, '-');
    return "x'" + id + "'";
}

void Celery::judge(const support::RedisModel::Push& push) {
    ledger_.mix(std::int64_t(push.message.size()) + push.life);
    ledger_.saw("pushed");
    const std::string run = run_of(push.message);
    auto& lives = pushed_[{push.list, run}];
    if (!lives.empty()) ledger_.saw("pushed once more");
    if (redis_.forbids_scripts) ledger_.saw("pushed without scripts");
    const bool is_double = !lives.insert(push.life).second;
    if (is_double && may_double_)
        ledger_.saw("doubled without scripts");
    else if (is_double)
        ledger_.violated(
            "I-02", fmt::format("run {} is pushed twice in life {} of the broker", run, push.life));
    const auto rows = keeper_.rows("SELECT ended_at IS NOT NULL FROM runs WHERE id = " + blob(run));
    if (rows.empty())
        ledger_.violated("I-03", "a message was pushed before its run was there: " + run);
    else if (rows[0][0])
        ledger_.violated("I-08", "a message was pushed after its run had ended: " + run);
}

void Celery::on_commit(const store::Commit& commit) {
    for (const store::Change& change : commit.changes)
        if (change.what == store::Change::What::cancel_asked) revoked_.insert(to_text(change.run));
}

void Celery::draw_trouble() {
    if (dice_.one_in(8)) bind_queues();
    if (mutant_ == BrokerMutant::none && dice_.one_in(40))
        redis_.forbids_scripts = !redis_.forbids_scripts;
    may_double_ = may_double_ || redis_.forbids_scripts;
    if (dice_.one_in(12)) redis_.cut();
    if (dice_.one_in(12)) {
        ledger_.saw("broker without data");
        const auto numbers = redis_.numbers;
        redis_.lose_data();
        if (mutant_ == BrokerMutant::loses_in_silence) redis_.numbers = numbers;
    } else if (dice_.one_in(25)) {
        // FLUSHALL: the connection stays.
        ledger_.saw("flushed broker");
        const bool is_ready = redis_.state().is_ready();
        const auto numbers = redis_.numbers;
        redis_.flush();
        if (mutant_ == BrokerMutant::loses_in_silence) redis_.numbers = numbers;
        ledger_.mix(is_ready);
    }
    if (dice_.one_in(2)) redis_.connect();
}

void Celery::heal() {
    is_healed_ = true;
    redis_.forbids_scripts = false;
    bind_queues();
    redis_.cut();  // whatever was flushed is noticed
    redis_.connect();
}

Instant Celery::in(std::int64_t most_seconds) {
    if (is_healed_) return clock_.now();
    return clock_.now() + std::chrono::milliseconds{dice_.roll(most_seconds * 1'000 + 1)};
}

// Workers are at work whether anybody listens or not.
void Celery::step(store::Store* store) {
    take_messages();
    for (auto at = tasks_.begin(); at != tasks_.end();) {
        const auto here = at++;
        Task& task = here->second;
        if (task.due > clock_.now()) continue;
        move(task);
        if (!store) continue;
        if (!goes_wrong(6)) tell(*store, task.news);
        // Its end is told until it is known: results are asked for.
        if (task.stage == Task::Stage::ended && has_ended(here->first)) tasks_.erase(here);
    }
}

void Celery::take_messages() {
    if (goes_wrong(2)) return;  // all are busy
    for (auto& [list, messages] : redis_.lists) {
        while (!messages.empty() && !goes_wrong(4)) {
            const std::string id = run_of(std::exchange(messages.front(), {}));
            messages.pop_front();
            if (tasks_.contains(id)) ledger_.saw("run twice");
            Task task{.due = in(5)};
            task.news = {.task_id = id, .seen_at = clock_.now()};
            task.news.received_at = clock_.now();
            task.news.worker = "celery@host";
            tasks_.insert_or_assign(id, task);
        }
    }
}

// One stage further; an end stays what it is.
void Celery::move(Task& task) {
    store::TaskNews& news = task.news;
    const Instant now = clock_.now();
    switch (task.stage) {
        case Task::Stage::received:
            task.stage = Task::Stage::started;
            task.due = in(20);
            return;
        case Task::Stage::started:
            task.stage = Task::Stage::ended;
            task.due = in(30);
            if (news.status != Status::queued) return;
            if (revoked_.contains(news.task_id) && !goes_wrong(4)) {
                news.status = Status::cancelled;
                news.reason = Reason::revoked;
                news.ended_at = now;
                return;
            }
            news.status = Status::running;
            news.started_at = now;
            task.due = in(dice_.one_in(3) ? 900 : 40);
            return;
        case Task::Stage::ended:
            task.due = in(30);
            if (is_final(news.status)) return;
            news.ended_at = now;
            if (goes_wrong(10)) {
                news.status = Status::lost;
                news.reason = Reason::worker_gone;
            } else if (dice_.one_in(4)) {
                news.status = Status::failed;
                news.reason = Reason::exception;
            } else {
                news.status = Status::success;
            }
            return;
    }
}

void Celery::tell(store::Store& store, const store::TaskNews& news) {
    store.observe_task(news);
    if (goes_wrong(10)) store.observe_task(news);
}

bool Celery::has_ended(const std::string& run) {
    return keeper_.number("SELECT ended_at IS NOT NULL AS n FROM runs WHERE id = " + blob(run), {},
                          1) == 1;
}

}  // namespace cjv::sim

// The push itself: by the script, or plainly where scripts are forbidden.
#include "dispatch/broker_parts.h"

#include <algorithm>
#include <set>
#include <unordered_set>
#include <utility>

namespace cjv::dispatch {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kAtOnce = 20;  // batches in one write: 10,000 messages
constexpr auto kPlainFor = 60s;      // so long scripts are not tried again on the same connection

}  // namespace

// Those that the broker has. What it did not take lets other lists pass, and says why.
std::vector<store::BatchPtr> Broker::Parts::taken_of(const std::vector<store::BatchPtr>& sent,
                                                     const net::Replies& replies, std::string why) {
    std::vector<store::BatchPtr> taken;
    std::set<std::string> refused;
    for (std::size_t i = 0; i < std::min(sent.size(), replies.size()); ++i) {
        const Pushed pushed = read_pushed(replies[i]);
        if (pushed == Pushed::taken) taken.push_back(sent[i]);
        if (pushed == Pushed::behind) compared = kNone;
        if (pushed == Pushed::refused) refused.insert(sent[i]->list);
        if (!why.empty() || net::forbids_scripts(replies[i].text())) continue;
        why = refusal_of(replies[i]);
        if (replies[i].trouble() == net::Trouble::wrong_type) why += ", the list " + sent[i]->list;
    }
    if (!refused.empty()) {
        const std::scoped_lock lock(mutex);
        unsent.put_last(refused);
    }
    refuse(std::move(why));
    return taken;
}

void Broker::Parts::confirm(const std::vector<store::BatchPtr>& taken, Instant sent_at) {
    {
        const std::scoped_lock lock(mutex);
        for (const auto& batch : taken) {
            unsent.remove(batch);
            auto& list = lists[batch->list];
            list.confirmed = std::max(list.confirmed, batch->number);
            auto& number = there[batch->list];
            number = std::max(number, batch->number);
        }
    }
    for (const auto& batch : taken) store.observe_sent({.batch = batch, .at = sent_at});
}

// After a push. True: there may be more to send at once.
bool Broker::Parts::settle() {
    {
        const std::scoped_lock lock(mutex);
        if (refusal.empty()) return !unsent.empty();
    }
    tell_away();
    return false;
}

bool Broker::Parts::wait_for_answer(const std::vector<store::BatchPtr>& sent,
                                    const net::Unanswered& why) {
    if (why.maybe_done) {
        const std::scoped_lock lock(mutex);
        for (const auto& batch : sent) unsent.doubt(batch);
    }
    return wait(why.error.what);
}

bool Broker::Parts::note_whether_it_forbids_scripts(const net::Replies& replies,
                                                    std::int64_t connection) {
    std::string words;
    for (std::size_t i = 0; i < replies.size() && words.empty(); ++i)
        if (net::forbids_scripts(replies[i].text())) words = replies[i].text();
    const bool forbids = !words.empty();
    if (forbids) {
        plain_on = connection;
        plain_until = clock.steady() + kPlainFor;
    }
    const std::scoped_lock lock(mutex);
    if (forbids && !forbids_scripts) log.warn("broker.forbids_scripts", {{"error", words}});
    forbids_scripts = forbids;
    return forbids;
}

void Broker::Parts::offer(const std::vector<store::BatchPtr>& batches) {
    for (const auto& batch : batches) {
        auto& newest = offered[batch->list];
        newest = std::max(newest, batch->number);
    }
}

bool Broker::Parts::push_by_script(std::int64_t connection) {
    std::vector<store::BatchPtr> due;
    std::unordered_set<RunId> ended;
    std::map<std::string, store::ListNumbers> known;
    {
        const std::scoped_lock lock(mutex);
        due = unsent.next(kAtOnce);
        known = lists;
    }
    if (due.empty()) return false;
    const auto exchanges = find_queues(due, connection);
    if (!exchanges) return wait(exchanges.error().what);
    if (due.empty()) return wait(exchanges->refusal);
    if (!end_undeliverable(due, exchanges->lists)) return false;
    {
        const std::scoped_lock lock(mutex);
        ended = unsent.recalled();
    }
    offer(due);
    const Instant sent_at =
        clock.now();  // a worker may have them before we know that they are there
    const auto answer =
        line.ask(push_commands(
                     due, numbers, [&](const std::string& list) { return known[list].confirmed; },
                     [&](const RunId& run) { return ended.contains(run); }, exchanges->lists),
                 connection);
    if (!answer) return wait_for_answer(due, answer.error());
    const bool forbids = note_whether_it_forbids_scripts(*answer, connection);
    confirm(taken_of(due, *answer, exchanges->refusal), sent_at);
    return forbids || settle();
}

// One batch of a list at a time: what is behind a refused one would hide it, were its number written.
bool Broker::Parts::push_plainly(std::int64_t connection) {
    std::vector<store::BatchPtr> due;
    std::unordered_set<RunId> ended;
    {
        const std::scoped_lock lock(mutex);
        due = unsent.next_of_each_list(kAtOnce);
    }
    if (due.empty()) return false;
    const auto exchanges = find_queues(due, connection);
    if (!exchanges) return wait(exchanges.error().what);
    if (due.empty()) return wait(exchanges->refusal);
    if (!end_undeliverable(due, exchanges->lists)) return false;
    std::erase_if(due, [&](const auto& batch) {
        const auto found = exchanges->lists.find(batch->list);
        return found != exchanges->lists.end() && found->second.size() > 1;
    });
    if (due.empty())
        return wait("an exchange that feeds several queues needs scripts, which Redis forbids");
    {
        const std::scoped_lock lock(mutex);
        ended = unsent.recalled();
    }
    const Instant sent_at = clock.now();
    std::vector<store::BatchPtr> pushed, missing;
    for (const auto& batch : due)
        (batch->number <= there[batch->list] ? pushed : missing).push_back(batch);
    if (!missing.empty()) {
        // Before anything is pushed: who may not write numbers would push the same again and again.
        if (may_write_on != connection) {
            if (const auto may = write_numbers(missing, false, connection); !may)
                return wait(may.error().what);
            may_write_on = connection;
        }
        offer(missing);
        const auto answer = line.ask(
            plain_commands(
                missing, [&](const RunId& run) { return ended.contains(run); }, exchanges->lists),
            connection);
        if (!answer) return wait_for_answer(missing, answer.error());
        for (const auto& batch : taken_of(missing, *answer, exchanges->refusal)) {
            there[batch->list] = batch->number;
            pushed.push_back(batch);
        }
    }
    if (!pushed.empty()) {
        if (const auto kept = write_numbers(pushed, true, connection); !kept)
            return wait(kept.error().what);
        if (missing.empty()) refuse(exchanges->refusal);
        confirm(pushed, sent_at);
    }
    return settle();
}

// The numbers of these batches, or those before them.
Result<void> Broker::Parts::write_numbers(const std::vector<store::BatchPtr>& batches,
                                          bool are_pushed, std::int64_t connection) {
    std::vector<store::ListNumbers> written;
    for (const auto& batch : batches)
        written.push_back(
            {.list = batch->list, .confirmed = are_pushed ? batch->number : there[batch->list]});
    const auto answer = line.ask(number_writes(written, numbers), connection);
    if (!answer) return std::unexpected(answer.error().error);
    if ((*answer)[0].is(net::ReplyType::integer)) return {};
    return fail(Errc::unavailable, refusal_of((*answer)[0]));
}

bool Broker::Parts::push(std::int64_t connection) {
    const bool is_plain = plain_on == connection && clock.steady() < plain_until;
    return is_plain ? push_plainly(connection) : push_by_script(connection);
}

}  // namespace cjv::dispatch

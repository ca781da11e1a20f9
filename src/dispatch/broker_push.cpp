// The push itself: by the script, or plainly where scripts are forbidden.
#include "dispatch/broker_parts.h"

#include "celery/binding.h"

#include <algorithm>
#include <set>
#include <span>
#include <unordered_set>
#include <utility>

namespace cjv::dispatch {
namespace {

using namespace std::chrono_literals;

// Batches in one write, 2,000 messages: Redis works on them while the next are put together.
constexpr std::size_t kAtOnce = 4;
constexpr std::size_t kMadeBytes = 16 << 20;  // messages that are put together beforehand, at most
constexpr auto kRetry = 1s;
constexpr auto kPlainFor = 60s;  // so long scripts are not tried again on the same connection

}  // namespace

// Those that the broker has. What a list did not take lets the others pass.
std::vector<store::BatchPtr> Broker::Parts::taken_of(const std::vector<store::BatchPtr>& sent,
                                                     const net::Replies& replies) {
    std::vector<store::BatchPtr> taken;
    std::set<std::string_view> refused;
    for (std::size_t i = 0; i < std::min(sent.size(), replies.size()); ++i) {
        const std::string& list = sent[i]->list;
        const std::scoped_lock lock(mutex);
        switch (read_pushed(replies[i])) {
            case Pushed::taken:
            case Pushed::before:
                taken.push_back(sent[i]);
                unsent.accept(list);
                break;
            case Pushed::behind:
                if (!refused.contains(list)) compared = kNone;
                break;
            case Pushed::refused:
                std::string why = refusal_of(replies[i]);
                if (replies[i].trouble() == net::Trouble::wrong_type) why += ", the list " + list;
                if (refused.insert(list).second)
                    unsent.refuse(list, std::move(why), clock.steady() + kRetry);
                break;
        }
    }
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

// After a push. True: there is more to send at once.
bool Broker::Parts::settle() {
    refuse("");
    {
        const std::scoped_lock lock(mutex);
        if (refusal.empty()) return !unsent.empty();
        const Steady now = clock.steady();
        if (!unsent.next(1, now).empty() || unsent.has_page_due(now)) return true;
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

// Returns of which of them none was pushed before with these data.
std::vector<bool> Broker::Parts::offer(const std::vector<store::BatchPtr>& batches) {
    std::vector<bool> is_new;
    for (const auto& batch : batches) {
        auto& newest = offered[batch->list];
        is_new.push_back(batch->number > newest);
        newest = std::max(newest, batch->number);
    }
    return is_new;
}

// It was not pushed after all.
void Broker::Parts::take_back(const store::Batch& batch) {
    auto& newest = offered[batch.list];
    newest = std::min(newest, batch.number - 1);
}

// What was never pushed before is there already: another server with these data is alive, and was faster with a batch of
// that number. Ours is not there; it leaves under a name of our own, once the numbers are compared.
void Broker::Parts::leave_to_another(std::vector<store::BatchPtr>& taken,
                                     const std::vector<store::BatchPtr>& sent,
                                     const std::vector<bool>& is_new, const net::Replies& replies) {
    for (std::size_t i = 0; i < std::min(sent.size(), replies.size()); ++i) {
        const Pushed said = read_pushed(replies[i]);
        if (!is_new[i] || said == Pushed::taken) continue;
        take_back(*sent[i]);
        if (said != Pushed::before) continue;
        std::erase(taken, sent[i]);
        compared = kNone;
    }
}

// A list that is new since the numbers were read: an older copy of our data does not know that its original has
// pushed there, and what it pushed under the same numbers would be taken for what was there already.
bool Broker::Parts::must_compare(const std::vector<store::BatchPtr>& due) {
    const auto is_new = [&](const auto& batch) { return !there.contains(batch->list); };
    if (std::ranges::none_of(due, is_new)) return false;
    only_lists_are_new_on = std::exchange(compared, kNone);
    return true;
}

// Puts together what is staged, as it will be pushed if nothing else comes before it; lets go of what did not come.
void Broker::Parts::make_ready() {
    std::vector<store::BatchPtr> all;
    std::map<std::string, std::int64_t> least;
    {
        const std::scoped_lock lock(mutex);
        all = std::exchange(coming, {});
        if (!all.empty()) made_until = coming_until;
        if (!unsent.empty()) all.clear();  // it leaves first
        for (const auto& batch : all)
            if (const auto known = lists.find(batch->list); known != lists.end())
                least[batch->list] = known->second.confirmed;
    }
    if (!all.empty() || clock.steady() >= made_until) made.clear();
    if (all.empty()) return;
    const auto state = line.state();
    if (!state.is_ready() || is_plain(state.connection)) return;
    std::size_t bytes = 0;
    const auto is_list = [](const auto& batch) {
        return !celery::read_exchange_address(batch->list);  // whose lists are not known yet
    };
    for (auto rest = std::span(all); !rest.empty();) {
        const auto some = rest.first(std::min(kAtOnce, rest.size()));
        rest = rest.subspan(some.size());
        for (const auto& batch : some) bytes += batch->bytes.size();
        if (bytes > kMadeBytes || !std::ranges::all_of(some, is_list)) return;
        made.push_back({.batches = {some.begin(), some.end()},
                        .installation = numbers.installation,
                        .least = {},
                        .commands = push_commands(
                            some, numbers, [&](const std::string& list) { return least[list]; },
                            [](const RunId&) { return false; })});
        for (const auto& batch : some) {
            made.back().least.try_emplace(batch->list, least[batch->list]);
            least[batch->list] = batch->number;
        }
    }
}

// Nothing: it is to be put together now.
std::optional<net::Commands> Broker::Parts::take_made(
    const std::vector<store::BatchPtr>& due,
    const std::map<std::string, store::ListNumbers>& known) {
    if (made.empty()) return std::nullopt;
    Made next = std::move(made.front());
    made.pop_front();
    const auto is_right = [&](const auto& list_and_number) {
        const auto found = known.find(list_and_number.first);
        return found != known.end() && found->second.confirmed == list_and_number.second;
    };
    if (next.batches == due && next.installation == numbers.installation &&
        std::ranges::all_of(next.least, is_right)) {
        const std::scoped_lock lock(mutex);
        ++sent_ready;
        return std::move(next.commands);
    }
    made.clear();
    return std::nullopt;
}

bool Broker::Parts::push_by_script(std::int64_t connection) {
    std::vector<store::BatchPtr> due;
    std::unordered_set<RunId> ended;
    std::map<std::string, store::ListNumbers> known;
    {
        const std::scoped_lock lock(mutex);
        due = unsent.next(kAtOnce, clock.steady());
        known = lists;
    }
    if (due.empty()) return wait("");
    const auto exchanges = find_queues(due, connection);
    if (!exchanges) return wait(exchanges.error().what);
    if (!end_undeliverable(due, *exchanges)) return false;
    if (due.empty()) return settle();
    if (must_compare(due)) return true;
    {
        const std::scoped_lock lock(mutex);
        ended = unsent.recalled();
    }
    const auto is_new = offer(due);
    std::optional<net::Commands> commands;
    if (ended.empty()) commands = take_made(due, known);
    if (!commands)
        commands = push_commands(
            due, numbers, [&](const std::string& list) { return known[list].confirmed; },
            [&](const RunId& run) { return ended.contains(run); }, *exchanges);
    const Instant sent_at =
        clock.now();  // a worker may have them before we know that they are there
    const auto answer = line.ask(*std::move(commands), connection);
    if (!answer) {
        for (std::size_t i = 0; i < due.size() && !answer.error().maybe_done; ++i)
            if (is_new[i]) take_back(*due[i]);
        return wait_for_answer(due, answer.error());
    }
    if (note_whether_it_forbids_scripts(*answer, connection)) return true;
    auto taken = taken_of(due, *answer);
    leave_to_another(taken, due, is_new, *answer);
    confirm(taken, sent_at);
    return settle();
}

// One batch of a list at a time: what is behind a refused one would hide it, were its number written.
bool Broker::Parts::push_plainly(std::int64_t connection) {
    std::vector<store::BatchPtr> due;
    std::unordered_set<RunId> ended;
    {
        const std::scoped_lock lock(mutex);
        due = unsent.next_of_each_list(kAtOnce, clock.steady());
    }
    if (due.empty()) return wait("");
    const auto exchanges = find_queues(due, connection);
    if (!exchanges) return wait(exchanges.error().what);
    if (!end_undeliverable(due, *exchanges)) return false;
    for (const auto& [list, queues] : *exchanges) {
        const auto address = celery::read_exchange_address(list);
        if (!address || queues.size() < 2) continue;
        let_pass(due, list,
                 "the exchange \"" + address->exchange +
                     "\" feeds several queues, which needs scripts (EVAL, EVALSHA), and Redis "
                     "forbids them; allow them for this user, or name a queue in target.queue");
    }
    if (due.empty()) return settle();
    {
        const std::scoped_lock lock(mutex);
        ended = unsent.recalled();
    }
    const Instant sent_at = clock.now();
    std::vector<store::BatchPtr> pushed, missing;
    pushed.reserve(due.size());
    for (const auto& batch : due)
        (batch->number <= there[batch->list] ? pushed : missing).push_back(batch);
    if (!missing.empty()) {
        // Before anything is pushed: who may not write numbers would push the same again and again.
        if (may_write_on != connection) {
            const auto written = write_numbers(missing, Numbers::before, connection);
            if (!written) return wait(written.error().what);
            if (was_flushed(missing, *written)) return true;
            may_write_on = connection;
        }
        offer(missing);
        const auto answer =
            line.ask(plain_commands(
                         missing, numbers, [&](const RunId& run) { return ended.contains(run); },
                         *exchanges),
                     connection);
        if (!answer) return wait_for_answer(missing, answer.error());
        for (const auto& batch : taken_of(missing, *answer)) {
            there[batch->list] = batch->number;
            pushed.push_back(batch);
        }
    }
    if (!pushed.empty()) {
        const auto written = write_numbers(pushed, Numbers::pushed, connection);
        if (!written) return wait(written.error().what);
        if (was_flushed(pushed, *written)) {
            // As if they had not been pushed: perhaps they were before, and are gone, too.
            const auto undone = write_numbers(pushed, Numbers::none, connection);
            return undone ? true : wait(undone.error().what);
        }
        confirm(pushed, sent_at);
    }
    return settle();
}

// The data that the connection was compared with are gone: where a number was there is none now.
bool Broker::Parts::was_flushed(const std::vector<store::BatchPtr>& batches,
                                std::int64_t written_anew) {
    std::int64_t unknown = 0;
    for (const auto& batch : batches)
        if (numbered.insert(batch->list).second) ++unknown;
    if (written_anew <= unknown) return false;
    compared = may_write_on = kNone;
    return true;
}

// Returns how many lists had no number before.
Result<std::int64_t> Broker::Parts::write_numbers(const std::vector<store::BatchPtr>& batches,
                                                  Numbers which, std::int64_t connection) {
    std::vector<store::ListNumbers> written;
    written.reserve(batches.size());
    for (const auto& batch : batches)
        written.push_back({.list = batch->list,
                           .confirmed = which == Numbers::pushed   ? batch->number
                                        : which == Numbers::before ? there[batch->list]
                                                                   : 0});
    const auto answer = line.ask(number_writes(written, numbers), connection);
    if (!answer) return std::unexpected(answer.error().error);
    if ((*answer)[0].is(net::ReplyType::integer)) return (*answer)[0].integer();
    return fail(Errc::unavailable, refusal_of((*answer)[0]));
}

bool Broker::Parts::is_plain(std::int64_t connection) const {
    return plain_on == connection && clock.steady() < plain_until;
}

bool Broker::Parts::push(std::int64_t connection) {
    return is_plain(connection) ? push_plainly(connection) : push_by_script(connection);
}

}  // namespace cjv::dispatch

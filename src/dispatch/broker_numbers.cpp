// How far the broker is, on each new connection, and what follows from it.
#include "dispatch/broker_parts.h"

#include <algorithm>
#include <utility>

namespace cjv::dispatch {
namespace {

using namespace std::chrono_literals;

constexpr auto kRefusedAgain = 60s;
constexpr auto kBindingsSettle = 30s;

}  // namespace

// Reads how far the broker is. True: what is pushed now on this connection follows what is there.
bool Broker::Parts::compare(const net::RedisState& state) {
    std::vector<store::ListNumbers> known;
    {
        const std::scoped_lock lock(mutex);
        if (!state.is_ready() && unsent.empty()) return false;
        for (const auto& [name, list] : lists) known.push_back(list);
    }
    if (!known.empty()) {
        const auto answer = line.ask(number_commands(known, numbers),
                                     state.connection > 0 ? state.connection : kNone);
        if (!answer) {
            refuse(answer.error().error.what);
            return false;
        }
        const auto found = read_numbers((*answer)[0], known.size());
        if (!found) {
            refuse(refusal_of((*answer)[0]));
            return false;
        }
        const std::string name = numbers.installation;
        if (!see_to(known, *found)) return false;
        there.clear();
        numbered.clear();
        if (name == numbers.installation)  // else nothing of ours is there
            for (std::size_t i = 0; i < known.size(); ++i) {
                there[known[i].list] = (*found)[i];
                if ((*found)[i] > 0) numbered.insert(known[i].list);
            }
    }
    // On disk before anything is pushed.
    if (!is_met) {
        if (const auto done = store.end_unmet(); !done) {
            refuse(done.error().what);
            return false;
        }
        is_met = true;
    }
    compared = state.connection;
    const bool is_known = std::exchange(only_lists_are_new_on, kNone) == state.connection;
    if (!is_known) bindings_settle_at = clock.steady() + kBindingsSettle;
    bool is_idle = false;
    {
        const std::scoped_lock lock(mutex);
        if (!is_known) unsent.try_all();
        unsent.trust_beyond(there);
        is_idle = unsent.empty();
    }
    if (is_idle) refuse("");  // else the push says it
    return true;
}

bool Broker::Parts::see_to(const std::vector<store::ListNumbers>& known,
                           const std::vector<std::int64_t>& found) {
    for (std::size_t i = 0; i < known.size(); ++i) {
        if (found[i] <= offered[known[i].list]) continue;
        if (const auto done = become_another(known, found); !done) {
            refuse(done.error().what);
            return false;
        }
        return true;
    }
    for (std::size_t i = 0; i < known.size(); ++i) {
        if (found[i] >= known[i].confirmed) continue;
        const auto done =
            see_to({.list = known[i].list, .had = found[i], .confirmed = known[i].confirmed});
        if (!done) {
            refuse(done.error().what);
            return false;
        }
    }
    return true;
}

Result<void> Broker::Parts::see_to(const store::LostBatches& lost) {
    const auto sent = store.send_lost_again(lost, [this] { mark.move(clock.steady()); });
    if (!sent) return fail(sent.error(), "send once more what the broker has lost");
    log.warn("broker.lost_data", {{"list", lost.list},
                                  {"had", lost.confirmed},
                                  {"has", lost.had},
                                  {"runs_sent_again", sent->changed},
                                  {"runs_refused", sent->refused}});
    if (sent->is_kept && !refused_again_at) refused_again_at = clock.steady() + kRefusedAgain;
    const std::scoped_lock lock(mutex);
    lists[lost.list].confirmed = lost.had;
    return {};
}

// Runs of an earlier loss that the database refused to change.
void Broker::Parts::send_refused_again() {
    if (!refused_again_at || clock.steady() < *refused_again_at) return;
    refused_again_at = clock.steady() + kRefusedAgain;
    const auto sent = store.send_refused_again([this] { mark.move(clock.steady()); });
    if (!sent)
        log.warn("broker.not_sent_again", {{"error", sent.error().what}});
    else if (!sent->is_kept)
        refused_again_at.reset();
}

// The broker has numbers that we never gave: our data are an older copy. Under their old name its next batches
// would look as if they had been pushed. Those which it gave before it was a copy are the other's, too: the numbers say
// which of them it has pushed.
Result<void> Broker::Parts::become_another(const std::vector<store::ListNumbers>& known,
                                           const std::vector<std::int64_t>& found) {
    for (std::size_t i = 0; i < known.size(); ++i) {
        const std::string& list = known[i].list;
        const std::int64_t pushed = std::min(found[i], inherited[list]);
        if (pushed == 0) continue;
        const auto done =
            store.confirm_pushed_by_another(list, pushed, [this] { mark.move(clock.steady()); });
        if (!done) return fail(done.error(), "record what another server with these data has sent");
        const std::scoped_lock lock(mutex);
        unsent.remove_until(list, pushed);
    }
    if (const auto done = store.take_new_installation_id(); !done)
        return fail(done.error(), "take a new installation id");
    const std::string before =
        std::exchange(numbers.installation, to_text(store.installation_id()));
    log.warn("broker.older_copy", {{"installation", before}, {"now", numbers.installation}});
    const std::scoped_lock lock(mutex);
    for (auto& [name, list] : lists) list.confirmed = 0;
    return {};
}

}  // namespace cjv::dispatch

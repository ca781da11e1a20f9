// Batches for an exchange: which lists it feeds now, and what becomes of those for which there is none.
#include "dispatch/broker_parts.h"

#include "celery/binding.h"

#include <utility>

namespace cjv::dispatch {
namespace {

using namespace std::chrono_literals;

constexpr auto kRetry = 1s;

std::string no_queue(const celery::ExchangeAddress& address) {
    return "o queue is bound to the exchange \"" + address.exchange + "\" for the routing key \"" +
           address.routing_key + "\"";
}

}  // namespace

// Its batches leave `due`; the others pass.
void Broker::Parts::let_pass(std::vector<store::BatchPtr>& due, const std::string& list,
                             std::string why) {
    std::erase_if(due, [&](const auto& batch) { return batch->list == list; });
    const std::scoped_lock lock(mutex);
    unsent.refuse(list, std::move(why), clock.steady() + kRetry);
}

// Asks as Kombu does before each publish: a worker binds its queues when it starts.
Result<Lists> Broker::Parts::find_queues(std::vector<store::BatchPtr>& due,
                                         std::int64_t connection) {
    std::vector<std::pair<std::string, celery::ExchangeAddress>> asked;
    net::Commands commands;
    Lists found;
    for (const auto& batch : due) {
        auto address = celery::read_exchange_address(batch->list);
        if (!address || !found.try_emplace(batch->list).second) continue;
        commands.add({"SMEMBERS", celery::binding_key(transport, address->exchange)});
        asked.emplace_back(batch->list, *std::move(address));
    }
    if (asked.empty()) return found;
    const auto answer = line.ask(std::move(commands), connection);
    if (!answer) return std::unexpected(answer.error().error);
    for (std::size_t i = 0; i < asked.size(); ++i) {
        const net::Reply reply = (*answer)[i];
        const auto& [name, address] = asked[i];
        if (!reply.is(net::ReplyType::array)) {
            let_pass(due, name, refusal_of(reply) + ", the exchange " + address.exchange);
            continue;
        }
        std::vector<std::string> members;
        members.reserve(reply.size());
        for (std::size_t n = 0; n < reply.size(); ++n) members.emplace_back(reply[n].text());
        for (const auto& queue : celery::bound_queues(transport, members, address.routing_key))
            found[name].push_back(celery::queue_key(transport, queue, address.priority));
    }
    return found;
}

// Where nothing is bound, Kombu would drop the messages without a word. Shortly after a connection workers may not be
// back yet: their batches wait. What may have arrived goes on, to be compared. False: the store is away.
bool Broker::Parts::end_undeliverable(std::vector<store::BatchPtr>& due, const Lists& exchanges) {
    const Instant now = clock.now();
    const bool may_come = clock.steady() < bindings_settle_at;
    std::vector<store::Ended> ends;
    for (const auto& batch : std::vector(due)) {
        const auto found = exchanges.find(batch->list);
        const auto address = celery::read_exchange_address(batch->list);
        if (!address || found == exchanges.end() || !found->second.empty()) continue;
        {
            const std::scoped_lock lock(mutex);
            if (unsent.is_in_doubt(batch)) continue;
        }
        if (may_come) {
            let_pass(due, batch->list,
                     "n" + no_queue(*address) +
                         " yet; its workers are given 30 s after a connection to bind theirs");
            continue;
        }
        for (const auto& item : batch->items)
            ends.push_back({.run = item.run,
                            .at = now,
                            .status = domain::Status::failed,
                            .reason = domain::Reason::undeliverable,
                            .error = "N" + no_queue(*address) +
                                     ": a worker binds its queues when it starts. Name the queue "
                                     "in target.queue, or start that worker."});
    }
    if (ends.empty()) return true;
    const auto left = store.commit_ended(ends);  // the feed recalls them
    if (!left) log.warn("broker.undeliverable_not_recorded", {{"error", left.error().what}});
    return left.has_value();
}

}  // namespace cjv::dispatch

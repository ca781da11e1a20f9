// Batches for an exchange: which lists it feeds now, and what becomes of those for which there is none.
#include "dispatch/broker_parts.h"

#include "celery/binding.h"

#include <set>
#include <utility>

namespace cjv::dispatch {

// Asks as Kombu does before each publish: a worker binds its queues when it starts. Batches of an exchange that the
// broker does not tell of leave `due`, and let the others pass.
Result<Broker::Parts::Exchanges> Broker::Parts::find_queues(std::vector<store::BatchPtr>& due,
                                                            std::int64_t connection) {
    std::vector<std::pair<std::string, celery::ExchangeAddress>> asked;
    net::Commands commands;
    Exchanges found;
    for (const auto& batch : due) {
        auto address = celery::read_exchange_address(batch->list);
        if (!address || !found.lists.try_emplace(batch->list).second) continue;
        commands.add({"SMEMBERS", celery::binding_key(transport, address->exchange)});
        asked.emplace_back(batch->list, *std::move(address));
    }
    if (asked.empty()) return found;
    const auto answer = line.ask(std::move(commands), connection);
    if (!answer) return std::unexpected(answer.error().error);
    std::set<std::string> refused;
    for (std::size_t i = 0; i < asked.size(); ++i) {
        const net::Reply reply = (*answer)[i];
        if (!reply.is(net::ReplyType::array)) {
            refused.insert(asked[i].first);
            found.refusal = refusal_of(reply) + ", the exchange " + asked[i].second.exchange;
            continue;
        }
        std::vector<std::string> members;
        for (std::size_t n = 0; n < reply.size(); ++n) members.emplace_back(reply[n].text());
        const auto& [name, address] = asked[i];
        for (const auto& queue : celery::bound_queues(transport, members, address.routing_key))
            found.lists[name].push_back(celery::queue_key(transport, queue, address.priority));
    }
    if (!refused.empty()) {
        std::erase_if(due, [&](const auto& batch) { return refused.contains(batch->list); });
        const std::scoped_lock lock(mutex);
        unsent.put_last(refused);
    }
    return found;
}

// Kombu would drop their messages without a word. False: the store is away.
bool Broker::Parts::end_undeliverable(const std::vector<store::BatchPtr>& due,
                                      const Lists& exchanges) {
    const Instant now = clock.now();
    std::vector<store::Ended> ends;
    for (const auto& batch : due) {
        const auto found = exchanges.find(batch->list);
        const auto address = celery::read_exchange_address(batch->list);
        if (!address || found == exchanges.end() || !found->second.empty()) continue;
        for (const auto& item : batch->items)
            ends.push_back({.run = item.run,
                            .at = now,
                            .status = domain::Status::failed,
                            .reason = domain::Reason::undeliverable,
                            .error = "No queue is bound to the exchange \"" + address->exchange +
                                     "\" for the routing key \"" + address->routing_key +
                                     "\": a worker binds its queues when it starts. Name the queue "
                                     "in target.queue, or start that worker."});
    }
    if (ends.empty()) return true;
    const auto left = store.commit_ended(ends);  // the feed recalls them
    if (!left) log.warn("broker.undeliverable_not_recorded", {{"error", left.error().what}});
    return left.has_value();
}

}  // namespace cjv::dispatch

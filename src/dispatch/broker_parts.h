#pragma once
// What the sources of the Broker share. For dispatch alone.

#include "dispatch/broker.h"
#include "dispatch/push.h"
#include "dispatch/unsent.h"

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace cjv::dispatch {

// What we know of the broker's numbers holds for a connection. With each new one they are read before anything is
// pushed there, and a push that finds less than was confirmed is refused: then they are read again. Where scripts
// are forbidden, batches go by the numbers that were read: the messages first, and when they are there the numbers.
// What a list refuses is tried again after a second, or on a new connection; the others pass.
struct Broker::Parts {
    static constexpr std::int64_t kNone = -1;  // no connection has this number

    Parts(store::Store& where, BrokerLine whom, std::string key, const Clock& time, Log& lines,
          Progress& progress, celery::Transport how, const OutboxRoom& room);

    store::Store& store;
    const BrokerLine line;
    const Clock& clock;
    Log& log;
    Mark& mark;
    const celery::Transport transport;
    const std::size_t page_bytes;

    mutable std::mutex mutex;  // guards what follows, down to the blank line
    std::condition_variable_any bell;
    Unsent unsent;
    std::map<std::string, store::ListNumbers> lists;
    std::string refusal;
    bool forbids_scripts = false;
    bool is_rung = false;
    std::vector<store::BatchPtr> coming;  // staged: see on_staged()
    Steady coming_until{};
    std::int64_t sent_ready = 0;

    // The loop's alone.
    PushedNumbers numbers;
    std::int64_t compared = kNone;  // the connection on which the numbers were
    std::int64_t only_lists_are_new_on =
        kNone;  // it is compared once more for new lists, and for nothing else
    std::map<std::string, std::int64_t> there;  // the numbers then, and what was pushed since
    // The newest number of each list that may have been pushed with these data. More at the broker: a copy of
    // our data has pushed, or these are an older copy.
    std::map<std::string, std::int64_t> offered;
    std::map<std::string, std::int64_t> inherited;  // the same before this start
    bool is_met = false;                            // the broker, since the start
    // Until then workers may come back whose queues are not bound yet.
    Steady bindings_settle_at{};
    std::int64_t plain_on = kNone;  // the connection on which scripts are forbidden
    Steady plain_until{};
    std::int64_t may_write_on = kNone;  // the connection on which numbers may be written
    std::set<std::string> numbered;     // lists that have a number there
    // When what the database refused of an earlier loss is tried again; nothing: there is none.
    std::optional<Steady> refused_again_at = Steady{};
    // Commands for what is staged, in the order in which it will be pushed.
    struct Made {
        std::vector<store::BatchPtr> batches;
        std::string installation;                   // whose numbers they name
        std::map<std::string, std::int64_t> least;  // what they ask of each list
        net::Commands commands;
    };
    std::deque<Made> made;
    Steady made_until{};
    std::jthread thread;

    void put(const store::BatchPtr& batch) {
        unsent.put(batch, clock.steady());
        auto& list = lists[batch->list];
        list.list = batch->list;
        list.newest = std::max(list.newest, batch->number);
    }
    Result<void> recover();
    bool turn();
    void load_pages();
    bool end_expired();
    bool end_expired_on_disk();
    enum class Seen : std::uint8_t { all, unread, nothing };  // nothing: the store is away
    Seen end_expired_on_disk(const Unsent::MayExpire& stretch, Instant until,
                             std::optional<Instant>& next);
    bool end(const std::vector<Unsent::Expired>& expired);
    Result<Lists> find_queues(std::vector<store::BatchPtr>& due, std::int64_t connection);
    void let_pass(std::vector<store::BatchPtr>& due, const std::string& list, std::string why);
    std::vector<bool> offer(const std::vector<store::BatchPtr>& batches);
    void take_back(const store::Batch& batch);
    void leave_to_another(std::vector<store::BatchPtr>& taken,
                          const std::vector<store::BatchPtr>& sent, const std::vector<bool>& is_new,
                          const net::Replies& replies);
    bool must_compare(const std::vector<store::BatchPtr>& due);
    bool end_undeliverable(std::vector<store::BatchPtr>& due, const Lists& exchanges);
    void make_ready();
    std::optional<net::Commands> take_made(const std::vector<store::BatchPtr>& due,
                                           const std::map<std::string, store::ListNumbers>& known);
    bool is_plain(std::int64_t connection) const;
    bool push(std::int64_t connection);
    bool push_by_script(std::int64_t connection);
    bool note_whether_it_forbids_scripts(const net::Replies& replies, std::int64_t connection);
    bool push_plainly(std::int64_t connection);
    enum class Numbers : std::uint8_t { before, pushed, none };
    Result<std::int64_t> write_numbers(const std::vector<store::BatchPtr>& batches, Numbers which,
                                       std::int64_t connection);
    bool was_flushed(const std::vector<store::BatchPtr>& batches, std::int64_t written_anew);
    bool compare(const net::RedisState& state);
    bool see_to(const std::vector<store::ListNumbers>& known,
                const std::vector<std::int64_t>& found);
    Result<void> see_to(const store::LostBatches& lost);
    void send_refused_again();
    Result<void> become_another(const std::vector<store::ListNumbers>& known,
                                const std::vector<std::int64_t>& found);
    std::vector<store::BatchPtr> taken_of(const std::vector<store::BatchPtr>& sent,
                                          const net::Replies& replies);
    void confirm(const std::vector<store::BatchPtr>& taken, Instant sent_at);
    bool settle();
    bool wait(std::string why);
    bool wait_for_answer(const std::vector<store::BatchPtr>& sent, const net::Unanswered& why);
    void refuse(std::string why);
    void tell_away();
    void loop(const std::stop_token& stop);
};

}  // namespace cjv::dispatch

#pragma once
// Batches that the broker is not known to have, of each list in the order of its numbers: the first in memory, as
// many as there is room for, the rest on disk alone, from where they come in pages. Plain; whoever has it guards it.

#include "base/clock.h"
#include "store/batch.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace cjv::dispatch {

// Bytes of the messages in memory. A list has one batch there at least, and no more than that where the others have
// taken all of it.
struct OutboxRoom {
    std::size_t all = 64 << 20;
    std::size_t page = 4 << 20;
};

class Unsent {
public:
    explicit Unsent(const OutboxRoom& room = {}) : room_(room) {}

    void put(const store::BatchPtr& batch, Steady now);
    // What an earlier server left of a list; it may have arrived. Before any put().
    void put_on_disk(const store::OpenList& list);
    void remove(const store::BatchPtr& batch);                        // the broker has it
    void remove_until(const std::string& list, std::int64_t number);  // it has all of them
    bool empty() const { return messages_ == 0; }
    std::int64_t messages() const { return messages_; }

    // Those that are next, in the order in which they came. Of a list that was refused none until it may be tried
    // again, and then its first alone.
    std::vector<store::BatchPtr> next(std::size_t most, Steady now) const;
    std::vector<store::BatchPtr> next_of_each_list(std::size_t most, Steady now) const;

    // A list that can take nothing lets the others pass until `again_at`. `why` is a sentence.
    void refuse(const std::string& list, std::string why, Steady again_at);
    void accept(const std::string& list);  // it has taken something
    void try_all();                        // at once, whatever was refused
    std::string refusal() const;           // of one of the lists; empty: none is refused

    // A run that has ended: its message, if it is in one of them, is left out.
    void recall(const RunId& run);
    const std::unordered_set<RunId>& recalled() const { return recalled_; }

    // It may have arrived, and nobody has said so: it is not known to be unsent any more.
    void doubt(const store::BatchPtr& batch);
    bool is_in_doubt(const store::BatchPtr& batch);
    // The newest numbers that the broker has, by list: what is beyond them has not arrived.
    void trust_beyond(const std::map<std::string, std::int64_t>& there);

    // Messages that are not to be sent any more, of runs that have not ended, in batches that are not in doubt. The
    // same again, until they are told as done: then they are their workers' to drop. Costs nothing while none expires.
    struct Expired {
        RunId run;
        Instant at{};
    };
    std::vector<Expired> expired(Instant now);
    void set_expired_done();

    // Those that have waited for `patience`; each is in one answer only.
    std::vector<store::BatchPtr> overdue(Steady now, Steady::duration patience);

    // --- what is on disk alone

    // A page that is to come into memory; nothing: there is no room, or nothing to come. It ends with end_page(), and
    // only what begins to be read after page_due() said so is right.
    struct Page {
        std::string list;
        std::int64_t from = 0;  // number of its first batch
        std::size_t bytes = 0;
        std::int64_t newest = 0;  // what comes after it is not in this page
    };
    std::optional<Page> page_due(Steady now);
    bool has_page_due(Steady now) const;
    void end_page(const Page& page, const store::OutboxPage& read, Steady now);
    void break_page() { is_paging_ = false; }  // it could not be read

    // A stretch of a list of which messages may have expired that have not been seen to: those after `after`.
    struct MayExpire {
        std::string list;
        std::int64_t from = 0;
        Instant after = Instant::min();
        std::optional<Instant> expires = {};
    };
    std::vector<MayExpire> expired_on_disk(Instant now, Steady steady);
    // Each ends with this: all of it until then has been seen to (`after`: nothing was), and what is left expires at
    // `next` at the earliest.
    void set_expired_done(const MayExpire& seen, Instant until, std::optional<Instant> next,
                          Steady steady);

    // Numbers of batches that have waited for `patience`; the same again, until they are told.
    struct Range {
        std::string list;
        std::int64_t from = 0, until = 0;
    };
    std::vector<Range> overdue_on_disk(Steady now, Steady::duration patience);
    void set_told(const std::string& list, std::int64_t until);

private:
    struct Tail {
        std::int64_t first = 0, newest = 0;  // 0: all of the list is in memory
        std::int64_t messages = 0;
        std::int64_t trusted_from = 0;  // what is below may have arrived
        std::optional<Instant> expires = {};
        Instant expired_until = Instant::min();
        Steady look_at = Steady::min();  // for what has expired, not before
        std::int64_t told = 0, seen = 0;
        Steady seen_at{};

        bool empty() const { return first == 0; }
    };
    struct Waiting {
        store::BatchPtr batch;
        std::uint64_t order = 0;  // in which it came
        Steady since{};
        std::optional<Instant> expires = {};  // its first message that has not been seen to
        std::optional<Instant> asked = {};    // what expires until then was in an answer
        bool is_told = false;
        bool is_indexed = false;  // its runs are in runs_
        bool is_in_doubt = false;
    };
    struct List {
        std::deque<Waiting> waiting = {};
        std::size_t bytes = 0;  // of them
        Tail tail = {};
        std::optional<Steady> again_at = {};  // it was refused
        std::string refusal = {};

        std::size_t may_leave(Steady now) const;
    };
    bool is_short(const List& list, Steady now) const;
    void index();
    Waiting* find(const store::BatchPtr& batch);
    Waiting& put_in_memory(List& list, const store::BatchPtr& batch, Steady now);

    const OutboxRoom room_;
    std::size_t bytes_ = 0;  // of all that is in memory
    std::size_t tails_ = 0;  // lists of which some is on disk alone
    bool is_paging_ = false;
    std::vector<RunId> ended_meanwhile_;

    std::map<std::string, List> lists_;  // none of which is empty
    std::uint64_t order_ = 0;
    std::int64_t messages_ = 0;
    // In how many batches each is, of those that are indexed: most leave before any run is recalled.
    std::unordered_map<RunId, int> runs_;
    std::size_t not_indexed_ = 0;         // batches
    std::unordered_set<RunId> recalled_;  // of them
    std::optional<Instant> soonest_;      // nothing expires before it
};

}  // namespace cjv::dispatch

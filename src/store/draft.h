#pragma once
// What a transaction will make of the writer's memory, once it is on disk. A savepoint has a draft of its own
// on top, which is kept with it or thrown away with it: so memory is exact after any roll-back, and nobody
// undoes anything. Writer thread only.

#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "domain/board.h"
#include "store/batch.h"
#include "store/feed.h"
#include "store/outgoing.h"
#include "store/people.h"
#include "store/places.h"
#include "store/task_ids.h"
#include "store/totals.h"

namespace cjv::store {

// By list: the number of its next batch.
using NextBatches = std::unordered_map<std::string, std::int64_t>;

// What the writer keeps in memory, always as of the last commit. Others read board, totals and people.
struct Memory {
    domain::Board board;
    Totals totals;
    People people;
    // The range that ends with a job's newest decided slot: what comes next may extend it.
    std::unordered_map<JobNumber, domain::Skip> ranges = {};
    NextBatches next_batches = {};
    TaskIds task_ids = {};
    Uuid installation = {};        // whose numbers the broker has
    Places places = {};            // any thread
    std::uint32_t asked_runs = 0;  // tells runs apart that are asked for in one millisecond
};

class Draft {
public:
    explicit Draft(Memory& memory) : memory_(memory) {}  // of a transaction
    explicit Draft(Draft& below);                        // of a savepoint in it
    ~Draft() { memory_.places.give_back(places_); }
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;

    // The job as the transaction has left it; null: there is none on the board.
    domain::EntryPtr find(JobNumber job) const;
    // The same, to be changed. Stays valid as long as the draft.
    domain::Entry* change(JobNumber job);
    void put(domain::Entry entry);
    void remove(JobNumber job);

    std::optional<domain::Skip> range(JobNumber job) const;
    void set_range(JobNumber job, std::optional<domain::Skip> range);

    // Of what is not in the table of task ids yet; and from which run on that may be.
    std::optional<RunId> find_task(std::string_view task_id) const;
    std::optional<RunId> task_ids_since() const;

    // A place for a command that starts with the commit; without one it is given back. False: none is free.
    bool take_place();

    // A run has more output. One change a transaction says so.
    void note_output(JobNumber job, const RunId& run);

    Memory& memory() const { return memory_; }
    TotalsByHour totals;
    std::vector<Change> changes;
    TaskIds::Changes task_ids;
    Outgoing outgoing;                 // becomes batches, see outbox.h
    std::vector<BatchPtr> batches;     // of a transaction: what became of it, for the feed
    std::optional<Uuid> installation;  // a new one
    std::vector<std::function<void(People&)>> people;  // what becomes of people and their sessions

    // Into the draft below, or into memory: that one after the commit. The draft is empty then, but for its
    // changes and batches, which a transaction publishes.
    void keep(Instant now);

private:
    template <class Map>
    static void overlay(Map& below, Map& own);
    void keep_below();
    void keep_in_memory(Instant now);

    Memory& memory_;
    Draft* below_ = nullptr;
    std::unordered_map<JobNumber, std::shared_ptr<domain::Entry>> entries_;  // null: removed
    std::unordered_map<JobNumber, std::optional<domain::Skip>> ranges_;
    std::unordered_set<RunId> with_output_;
    std::int64_t places_ = 0;
};

// What work inside the writer's transaction may use.
struct Transaction {
    Database& db;
    Draft& draft;
    Instant now;
    const domain::InstallationKey& key;
    const Encode& encode;  // may be empty: there is no broker
    // Whether commands that are decided take a place and are queued at once (see places.h): those of the beat do.
    bool takes_places = false;
};

}  // namespace cjv::store

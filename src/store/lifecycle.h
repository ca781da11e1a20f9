#pragma once
// A run from its record to its end: the only place where a status changes. Each change is an edge that
// domain::may_follow allows, and carries with it all that follows: the job's counters, the totals, the release
// of the run that waited for this one, the word to the feed. Inside the writer's transaction.

#include <optional>

#include "domain/run.h"
#include "store/draft.h"
#include "store/store.h"

namespace cjv::store {

// Records a new run of a job, which is pending; or queued already, where it has a place (Draft::take_place).
Result<void> record_run(Transaction& tx, const domain::Run& run);

// Records a run that others sent, at once in the status that it has by the news: as `run` says it is queued.
Result<void> record_observed(Transaction& tx, domain::Run run, const TaskNews& news);

// Lets those of the job's waiting runs go that nothing holds back any more. Done at each end by itself.
Result<void> release_waiting(Transaction& tx, JobNumber job);

// pending → queued. False when it is not free to start: waiting, or not pending any more.
Result<bool> queue_run(Transaction& tx, const RunId& id, Instant at);

// The broker has taken it in that batch: pending → queued, and that batch is kept. Of a run that is further already,
// or was sent once more, only the batch is.
Result<void> confirm_run(Transaction& tx, const Batch::Item& item, const Sent& sent);

// The broker has lost the message of a queued run of which nobody has told: it gets a new one and stays queued.
// One that was to be cancelled, or whose message cannot be made any more, ends. Others stay as they are; true
// when it was changed.
Result<bool> send_again(Transaction& tx, const RunId& id, const LostBatches& lost);

// Why a pending run is not handed over yet. Says nothing about runs that wait for overlap.
Result<void> set_reason(Transaction& tx, const RunId& id, domain::Reason reason);

// queued or retrying → running. Late by its job's grace.
Result<void> start_run(Transaction& tx, const Started& started);

// → an end. A run that is final stays as it is: news that contradicts it becomes a note.
Result<void> end_run(Transaction& tx, const Ended& ended);

// Moves a run on to what its worker tells, step by step; its attempts are tasks.h's business. Of a final run
// only contradicting news is kept, as a note.
Result<void> follow_task(Transaction& tx, domain::Run run, const TaskNews& news);

// A person wants it to end. `by` is their name, for the note; empty: nobody in particular.
Result<domain::Run> cancel_run(Transaction& tx, const RunId& id, bool terminate,
                               std::string_view by);

}  // namespace cjv::store

#pragma once
// What the beat decided becomes rows: runs, ranges of slots that did not run, and the cursor that moves past
// them, in one transaction.

#include <span>
#include <string>
#include <vector>

#include "domain/plan.h"
#include "store/draft.h"

namespace cjv::store {

// A job whose decision the database would not take.
struct Refused {
    JobNumber job;
    std::string why;
    bool is_new = true;  // it was not in trouble before
};

// The job is in trouble from now on (Entry::trouble), which the feed tells as well.
Refused put_in_trouble(Transaction& tx, JobNumber job, std::string why);

// Records a decision inside the writer's transaction, and applies overlap from the runs that are open there. A job
// that has moved on since it was planned (edited, deleted, decided) is left out: the feed tells the beat, which
// plans it afresh.
Result<void> record(Transaction& tx, const domain::Decision& decision);
// The same for many: together, and where one of them is refused each by itself, so that it spares the others. The
// job of a refused one keeps its cursor and is in trouble (Entry::trouble), which the feed tells as well.
Result<std::vector<Refused>> record_all(Transaction& tx,
                                        std::span<const domain::Decision> decisions);

}  // namespace cjv::store

#pragma once
// One life of a server, drawn from a seed: the real plan(), Beat::turn() and store on SQLite in
// memory, a clock that is moved and set, statements that fail, crashes at any commit, edits at any
// moment, and a dispatcher that cannot be trusted. Then all of it heals, and must go on.

#include "celery.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace cjv::sim {

// What somebody could break without noticing; each must be noticed here.
enum class Mutant {
    none,
    cursor_before_decision,  // the cursor is on disk before the decision is
    decided_twice,           // after a crash the cursor is where it was before the decision
    neighbours_wait,         // what the database refuses of one job holds up all others
    early_run,               // the beat thinks that it is later than it is
};

// What the jobs of a world are.
enum class Kinds {
    commands,
    tasks_too,  // and a broker, workers and the real Broker are there
};

struct Life {
    std::vector<std::string> violations;       // "I-01 job 3: …"
    std::uint64_t trace = 0;                   // equal for equal histories
    std::map<std::string, std::int64_t> seen;  // how often what happened
};

// A world that lives twice with one seed, the same kinds and the same mutants has the same life.
Life live(std::uint64_t seed, Kinds kinds, Mutant mutant = Mutant::none,
          BrokerMutant broker_mutant = BrokerMutant::none);

}  // namespace cjv::sim

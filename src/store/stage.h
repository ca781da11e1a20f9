#pragma once
// Decisions before their time: the transaction that will make them true is written and stays open. Nobody can see
// it but those who get ready for it (Feed::subscribe_to_staged), and it is taken back unless it is committed.

#include <utility>

#include "base/clock.h"
#include "store/draft.h"
#include "store/sqlite.h"

namespace cjv::store {

// Of the writer's thread. It hangs on the memory that it was opened with, of which nothing else may be made meanwhile.
struct Stage {
    Stage(Scope opened, Memory& memory, Steady give_up)
        : scope(std::move(opened)), draft(memory), until(give_up) {}

    Scope scope;
    Draft draft;
    Steady until;  // taken back then
};

}  // namespace cjv::store

#pragma once
// What a store is made of, for the files that implement Store: the folder's face is store.h.

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/crypto.h"
#include "domain/plan.h"
#include "store/decisions.h"
#include "store/draft.h"
#include "store/outbox.h"
#include "store/people.h"
#include "store/readers.h"
#include "store/store.h"
#include "store/writer.h"
#include "store/zone_change.h"

namespace cjv::store {

// Its members go in the opposite order: readers first, then the writer, which folds the log into the file.
struct Store::Parts {
    Parts(Options with, const Clock& its_clock, const schedule::Zones& its_zones, Log& its_log)
        : options(std::move(with)), clock(its_clock), zones(its_zones), log(its_log) {
        if (!options.random) options.random = crypto::random_bytes;
    }

    Options options;
    const Clock& clock;
    const schedule::Zones& zones;
    Log& log;
    domain::InstallationKey key{};
    std::int64_t start_number = 0;
    Memory memory;
    Feed feed;
    std::mutex mutex;                        // guards the two below
    std::optional<domain::Service> service;  // nothing: there is no beat
    Uuid installation;
    std::unique_ptr<Writer> writer;
    std::unique_ptr<Readers> readers;

    domain::Outage outage_at(Instant now) {
        const std::scoped_lock lock(mutex);
        return service ? domain::outage_at(*service, now) : domain::Outage{};
    }

    Uuid installation_id() {
        const std::scoped_lock lock(mutex);
        return installation;
    }

    SessionLimits dead_sessions(Instant now) const {
        return {.created = now - options.session_max, .used = now - options.session_idle};
    }

    // Does `work`, which returns a Result, in the writer's transaction.
    template <class Work>
    auto write(Order order, Work work) -> std::invoke_result_t<Work, Transaction&> {
        std::optional<std::invoke_result_t<Work, Transaction&>> made;
        const Result<void> committed = writer->commit(order, [&](Transaction& tx) -> Result<void> {
            made.emplace(work(tx));
            if (!*made) return std::unexpected(made->error());
            return {};
        });
        if (!committed) return std::unexpected(committed.error());
        return *std::move(made);
    }

    // Changes many runs in class decisions; `run_of` names the run of an index. One that the database refuses
    // spares the others, is logged, and returned.
    Result<std::vector<RunId>> change_runs(
        std::size_t count, const std::function<Result<void>(Transaction&, std::size_t)>& work,
        const std::function<RunId(std::size_t)>& run_of);

    // What the database has refused now.
    void confirm_later(const std::vector<NotConfirmed>& refused);
    // The runs of a loss, a thousand in a commit.
    Result<SentAgain> send_again(const LostBatches& lost, const std::function<void()>& on_each);

    Result<void> follow_zones(std::span<const JobNumber> jobs);
    void tell(JobNumber job, const Moved& moved);
    // Those whose decisions the database has begun to refuse.
    void tell(std::span<const Refused> refused);

    Result<void> open();
    Result<void> begin(Database& db);
};

}  // namespace cjv::store

#pragma once
// The id of a run: a UUIDv8 (RFC 9562) that says what it names, so that nothing needs to be looked
// up.
//
//   48 bit milliseconds · 4 bit version 8 · 4 bit kind + 8 bit attempt - 1 · 2 bit variant 10 ·
//   32 bit job number (0: none) · 30 bit check (slots) or counter (asked, observed)
//
// Ids sort by time, then kind, attempt and job. A slot's id is a function of the installation, the
// job and the slot: the same slot can never get two. A forged one is spotted by its check.

#include "base/clock.h"
#include "base/id.h"

#include <array>
#include <cstdint>
#include <optional>

namespace cjv::domain {

enum class IdKind : std::uint8_t { slot = 0, asked = 1, observed = 2 };

struct RunIdParts {
    Instant at{};  // whole milliseconds
    IdKind kind = IdKind::slot;
    int attempt = 1;  // 1 to 256
    JobNumber job = {};
    std::uint32_t low = 0;  // the 30 bits: check or counter
};

// Secret of an installation; a restore takes a new one.
using InstallationKey = std::array<std::uint8_t, 16>;

// `slot` is whole seconds, from 1970 to 10889; `job` is 1 to 2^32 - 1.
RunId slot_run_id(const InstallationKey& key, JobNumber job, Instant slot);
// `counter` is the writer's; its low 30 bits tell runs of one job and millisecond apart.
RunId asked_run_id(JobNumber job, Instant at, std::uint32_t counter);

// A task that others sent and that we saw at `at`; see asked_run_id for the counter.
RunId observed_run_id(Instant at, std::uint32_t counter);

// Nothing when version, variant or kind are not ours. Does not look at the check.
std::optional<RunIdParts> decode(const Uuid& id);
// Whether `id` is a slot's and its check bits are right; its attempt does not matter.
bool is_genuine_slot(const InstallationKey& key, const Uuid& id);

// The task id of a later attempt of the same run, and back (attempt 1). `attempt` is 1 to 256.
RunId with_attempt(const RunId& id, int attempt);

// The lowest id of an instant: runs with smaller ids are older than `at`. For ranges and cursors.
RunId lowest_id_at(Instant at);

}  // namespace cjv::domain

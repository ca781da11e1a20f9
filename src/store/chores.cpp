#include "store/chores.h"

#include "domain/job_json.h"
#include "store/jobs.h"

namespace cjv::store {
namespace {

using domain::InternalAction;

struct Chore {
    std::string_view name, description, schedule;
    InternalAction action;
};
constexpr Chore kChores[] = {
    {"Clean up old logs", "Removes logs that are older than retention.days.", "30 3 * * *",
     InternalAction::clean_up},
    {"Health check", "Ends runs whose process is gone.", "*/5 * * * *",
     InternalAction::health_check},
};

domain::Job job_of(const Chore& chore) {
    const std::string action(to_text(chore.action));
    domain::Job job;
    job.name = chore.name;
    job.description = chore.description;
    job.kind = domain::Kind::internal;
    job.task = action;
    job.target = R"({"action":")" + action + R"("})";
    job.schedule_text = chore.schedule;
    job.schedule_type = schedule::Type::cron;
    return job;
}

bool has(const domain::Board& board, InternalAction action) {
    for (const auto& entry : board.all()) {
        if (entry->job->kind != domain::Kind::internal) continue;
        const auto target = domain::internal_target(*entry->job);
        if (target && target->action == action) return true;
    }
    return false;
}

}  // namespace

Result<void> create_chores(Transaction& tx, const schedule::Zones& zones,
                           const RandomBytes& random) {
    for (const Chore& chore : kChores) {
        if (has(tx.draft.memory().board, chore.action)) continue;
        domain::Job job = job_of(chore);
        job.id = random_id(random);
        // Somebody may have had it before there was this chore.
        while (tx.draft.memory().board.find_by_name(job.name)) job.name += " (system)";
        if (const auto parsed = domain::parse_schedule(job, zones); !parsed) return parsed;
        if (const auto created = create_job(tx, std::move(job)); !created) {
            Error error = created.error();
            // The board, which is what the file says, has no such name, and the file has it.
            if (error.code == Errc::bad_input) error.code = Errc::corrupt;
            return fail(std::move(error), "create our own job \"" + std::string(chore.name) + "\"");
        }
    }
    return {};
}

Uuid random_id(const RandomBytes& random) {
    Uuid id;
    random(id.bytes);
    id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | 0x40);
    id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);
    return id;
}

}  // namespace cjv::store

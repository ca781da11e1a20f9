#include "store/job_row.h"

#include <algorithm>
#include <array>

#include "base/json.h"

namespace cjv::store {
namespace {

using domain::Job;

constexpr std::string_view kColumns =
    "id, name, description, kind, task, target, schedule, schedule_type, timezone, day_match, "
    "anchor, "
    "is_active, priority, tags, custom_fields, misfire, misfire_window, misfire_limit, overlap, "
    "grace, "
    "timeout, owner, created_at, updated_at, version, dst_gap, dst_fold, start_at, end_at";
constexpr int kCount = 29;

const std::string kInsert = "INSERT INTO jobs (" + std::string(kColumns) +
                            ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, "
                            "$14, $15, $16, $17, $18, $19, $20, $21, "
                            "$22, $23, $24, $25, $26, $27, $28, $29)";
const std::string kRewrite = "UPDATE jobs SET (" + std::string(kColumns) +
                             ") = ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, "
                             "$15, $16, $17, $18, $19, $20, $21, $22, "
                             "$23, $24, $25, $26, $27, $28, $29) WHERE number = $30";

std::string tags_text(const Job& job) {
    std::string text;
    json::Writer out(text);
    out.begin_array();
    for (const std::string& tag : job.tags) out.value(tag);
    out.end_array();
    return text;
}

std::vector<std::string> tags_from(std::string_view text) {
    std::vector<std::string> tags;
    if (text == "[]") return tags;
    const auto parsed = json::parse(text);
    if (!parsed) return tags;
    for (const json::Value& item : parsed->items())
        if (const auto tag = item.as_string()) tags.emplace_back(*tag);
    return tags;
}

// The row of a job. `tags` has to live as long as it.
std::array<Param, kCount + 1> params_of(const Job& job, const std::string& tags, JobNumber number) {
    return {job.id,
            job.name,
            job.description,
            to_text(job.kind),
            job.task,
            job.target,
            job.schedule_text,
            schedule::to_text(job.schedule_type),
            job.timezone,
            schedule::to_text(job.day_match),
            job.anchor,
            job.is_active,
            job.priority,
            tags,
            job.custom_fields,
            to_text(job.misfire),
            job.misfire_window,
            job.misfire_limit,
            to_text(job.overlap),
            job.grace,
            job.timeout,
            job.owner,
            job.created_at,
            job.updated_at,
            job.version,
            to_text(job.clock.gap),
            to_text(job.clock.fold),
            job.window.start_at(),
            job.window.end_at(),
            number};
}

Job read_definition(const Row& row) {
    Job job;
    job.id = row.uuid(0);
    job.name = row.string(1);
    job.description = row.string(2);
    job.kind = domain::kind_from(row.text(3)).value_or(domain::Kind::command);
    job.task = row.string(4);
    job.target = row.string(5);
    job.schedule_text = row.string(6);
    job.schedule_type = schedule::type_from(row.text(7)).value_or(schedule::Type::manual);
    job.timezone = row.string(8);
    job.day_match = schedule::day_match_from(row.text(9)).value_or(schedule::DayMatch::either);
    job.anchor = row.instant(10);
    job.is_active = row.boolean(11);
    job.priority = row.integer(12);
    job.tags = tags_from(row.text(13));
    job.custom_fields = row.string(14);
    job.misfire = domain::misfire_from(row.text(15)).value_or(domain::Misfire::latest);
    job.misfire_window = row.integer(16);
    job.misfire_limit = row.integer(17);
    job.overlap = domain::overlap_from(row.text(18)).value_or(domain::Overlap::skip);
    job.grace = row.integer(19);
    job.timeout = row.maybe_integer(20);
    job.owner = row.user(21);
    job.created_at = row.instant(22);
    job.updated_at = row.instant(23);
    job.version = row.integer(24);
    job.clock = {.gap = schedule::gap_from(row.text(25)).value_or(schedule::Gap::after_gap),
                 .fold = schedule::fold_from(row.text(26)).value_or(schedule::Fold::first)};
    job.window.start = row.maybe_instant(27).value_or(job.window.start);
    job.window.end = row.maybe_instant(28).value_or(job.window.end);
    return job;
}

}  // namespace

const std::string kLoadJobs =
    "SELECT " + std::string(kColumns) +
    ", number, next_slot, decided_until, last_run_at, last_status, run_count "
    "FROM jobs JOIN cursors ON job = number WHERE deleted_at IS NULL ORDER BY number";

JobRow read_job_row(const Row& row) {
    JobRow loaded{.job = read_definition(row), .entry = {}};
    loaded.entry.number = row.job(kCount);
    loaded.entry.next_slot = row.maybe_instant(kCount + 1);
    loaded.entry.decided_until = row.instant(kCount + 2);
    loaded.entry.last_run_at = row.maybe_instant(kCount + 3);
    loaded.entry.last_status =
        domain::status_from(row.text(kCount + 4)).value_or(domain::Status::pending);
    loaded.entry.total_run_count = row.integer(kCount + 5);
    return loaded;
}

Result<JobNumber> insert_job(Database& db, const Job& job) {
    const std::string tags = tags_text(job);
    const auto params = params_of(job, tags, {});
    const auto inserted = db.run(kInsert, Params(params).first(kCount));
    if (!inserted) return fail(inserted.error(), "insert job");
    return JobNumber{db.last_number()};
}

Result<void> rewrite_job(Database& db, JobNumber number, const Job& job) {
    const std::string tags = tags_text(job);
    const auto params = params_of(job, tags, number);
    const auto written = db.run(kRewrite, Params(params));
    if (!written) return fail(written.error(), "rewrite job");
    return {};
}

bool same_row(const Job& a, const Job& b) {
    const std::string tags_a = tags_text(a), tags_b = tags_text(b);
    return std::ranges::equal(params_of(a, tags_a, {}), params_of(b, tags_b, {}));
}

}  // namespace cjv::store

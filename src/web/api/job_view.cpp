#include "web/api/job_view.h"

#include "base/iso8601.h"

namespace cjv::web {
namespace {

void write_owner(json::Writer& out, UserNumber number, const JobViewing& viewing) {
    const auto user = number ? viewing.find_user(number) : std::nullopt;
    out.key("owner");
    out.begin_object();
    out.field("id", number.value);
    out.field("username", user ? user->username : std::string(number ? "" : "system"));
    out.field("first_name", user ? user->first_name : std::string());
    out.field("last_name", user ? user->last_name : std::string());
    out.field("email", user ? user->email : std::string());
    out.end_object();
    out.field("owner_id", number.value);
}

void write_formatted(json::Writer& out, std::string_view key, std::optional<Instant> at,
                     const schedule::Zone* zone) {
    out.key(key);
    if (!at) return out.value(nullptr);
    out.value(local_text(*at, zone ? zone->offset_at(*at) : std::chrono::seconds{}, ' '));
}

}  // namespace

void write_job_members(json::Writer& out, const domain::Entry& entry, const JobViewing& viewing) {
    const domain::Job& job = *entry.job;
    const auto zone = viewing.zones.find(job.timezone);
    out.members(json::Raw{*viewing.texts.definition(entry.job)});
    write_owner(out, job.owner, viewing);
    out.field("next_run_at", entry.next_slot);
    write_formatted(out, "next_run_formatted", entry.next_slot, zone.get());
    out.field("last_run_at", entry.last_run_at);
    write_formatted(out, "last_run_formatted", entry.last_run_at, zone.get());
    out.field("last_status", to_text(shown_status(entry)));
    out.field("running_count", entry.running_count);
    out.field("total_run_count", entry.total_run_count);
    const bool is_well = entry.trouble == domain::Trouble::none;
    out.field("trouble", is_well ? std::nullopt : std::optional(to_text(entry.trouble)));
}

void write_job(json::Writer& out, const domain::Entry& entry, const JobViewing& viewing) {
    out.begin_object();
    write_job_members(out, entry, viewing);
    out.end_object();
}

std::string local_text(Instant at, std::chrono::seconds offset, char between) {
    // "2026-12-01T02:00:00+01:00": the wall clock is what stands before the offset.
    std::string text =
        to_iso8601(std::chrono::floor<std::chrono::seconds>(at), offset).substr(0, 19);
    text[10] = between;
    return text;
}

std::string offset_text(std::chrono::seconds offset) {
    const auto total = std::chrono::abs(offset).count();
    const auto two = [](std::int64_t n) {
        return std::string(n < 10 ? "0" : "") + std::to_string(n);
    };
    std::string text = offset.count() < 0 ? "-" : "+";
    text += two(total / 3600) + ":" + two(total / 60 % 60);
    if (total % 60 != 0) text += ":" + two(total % 60);
    return text;
}

std::string etag_of(const domain::Job& job) {
    return '"' + to_text(job.id).substr(0, 8) + '-' + std::to_string(job.version) + '"';
}

}  // namespace cjv::web

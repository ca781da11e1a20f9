#include "domain/job_json.h"

#include "base/iso8601.h"
#include "domain/fields.h"
#include "domain/target_json.h"
#include "schedule/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace cjv::domain {
namespace {

// A hundred years of seconds: far from where sums of times overflow.
constexpr std::int64_t kLongest = 3'155'760'000;
constexpr IntegerRange kSeconds{0, kLongest};
constexpr std::size_t kMaxTags = 100;

std::unexpected<Error> not_yours() {
    return fail(Errc::forbidden, "You do not have permission to perform this action.");
}

FieldError never(std::string_view field, std::string message, std::string hint = {}) {
    return {.path = std::string(field),
            .code = "never-fires",
            .message = std::move(message),
            .hint = std::move(hint)};
}

// Whether both have the same slots because they say the same of them.
bool same_slots(const Job& a, const Job& b) {
    const auto said = [](const Job& job) {
        return std::tie(job.schedule_text, job.schedule_type, job.timezone, job.day_match,
                        job.anchor, job.clock, job.window);
    };
    return said(a) == said(b);
}

// What is wrong with a window, whatever schedule is kept to it.
std::optional<FieldError> no_window(const schedule::Window& window, Instant now) {
    if (window.start >= window.end)
        return FieldError{.path = "end_at",
                          .code = "invalid",
                          .message = fmt::format("The end, {}, is not after the start, {}.",
                                                 to_iso8601(window.end), to_iso8601(window.start)),
                          .hint = "The job runs from start_at on and before end_at."};
    if (window.end <= now)
        return never("end_at",
                     fmt::format("It never runs: the end, {}, has passed; it is {} now.",
                                 to_iso8601(window.end),
                                 to_iso8601(std::chrono::floor<std::chrono::seconds>(now))),
                     "Give a later end, or none.");
    return std::nullopt;
}

// One body on its way to a job.
class Reader {
public:
    Reader(const json::Value& body, const JobReading& how)
        : how_(how), before_(how.before), fields_(body, "", errors_), job_(start()) {}

    Result<Job> read() {
        read_kind();
        if (job_.kind == Kind::command && !before_ && !may_command(*how_.user, how_.commands_by))
            return not_yours();
        read_target();
        if (job_.kind == Kind::command && before_ && job_.target != before_->target &&
            !may_command(*how_.user, how_.commands_by))
            return not_yours();
        read_words();
        read_policies();
        read_owner();
        read_unbuilt();
        read_schedule();
        fields_.refuse_unknown({"id", "owner", "paused", "schedule_display", "next_run_at",
                                "next_run_formatted", "last_run_at", "last_run_formatted",
                                "last_status", "running_count", "total_run_count", "trouble",
                                "created_at", "updated_at", "version", "execution_logs",
                                "csrfmiddlewaretoken"});
        if (!errors_.empty()) return refuse_all(std::move(errors_));
        return std::move(job_);
    }

    Result<Job> read_schedule_alone(std::initializer_list<std::string_view> others) {
        read_schedule();
        fields_.refuse_unknown(others);
        if (!errors_.empty()) return refuse_all(std::move(errors_));
        return std::move(job_);
    }

private:
    // What is absent in the body is as it is here.
    Job start() const {
        if (before_ && how_.partial) return *before_;
        Job job;
        if (!before_) {
            job.kind = Kind::celery;  // an old client knows no other
            job.owner = how_.user->number;
            return job;
        }
        job.id = before_->id;
        job.kind = before_->kind;
        job.target = before_->target;
        job.task = before_->task;
        job.owner = before_->owner;
        job.created_at = before_->created_at;
        job.updated_at = before_->updated_at;
        job.version = before_->version;
        return job;
    }

    void require(std::string_view name) {
        if (!how_.partial) fields_.require(name);
    }

    void read_kind() {
        const auto kind = fields_.choice("kind", kind_from);
        if (kind && before_ && *kind != before_->kind)
            fields_.refuse("kind", "invalid", "The kind of a job cannot be changed.");
        else if (kind == Kind::http)
            fields_.refuse("kind", "not_available", std::string(kNotAvailable));
        else if (kind == Kind::internal && !before_)
            fields_.refuse("kind", "invalid", "Jobs of this kind are ours and cannot be created.");
        else if (kind)
            job_.kind = *kind;
        if (!before_ || !how_.partial) job_.overlap = default_overlap(job_.kind);
    }

    // `task` is what `target` says of it; an old client knows nothing but the task.
    void read_target() {
        if (!errors_.empty()) {  // without a kind we do not know what to expect
            fields_.value("task");
            fields_.value("target");
            return;
        }
        const auto task =
            fields_.text("task", {.max_length = 200, .may_be_blank = false, .one_line = true});
        const bool is_new_task = task && !(before_ && *task == before_->task);
        const TargetReading how{.before = before_,
                                .path_allowed = how_.user->is_superuser,
                                .shell_allowed = how_.shell_allowed,
                                .celery_check = how_.celery_check};
        std::optional<StoredTarget> stored;
        if (fields_.has("target")) {
            const auto object = fields_.object("target");
            if (object) stored = domain::read_target(job_.kind, *object, how, errors_);
            // Refused, but touched: that alone may be more than they may.
            if (!stored) job_.target.clear();
            if (stored && is_new_task && stored->task != *task) {
                const bool only_task = before_ && stored->json == before_->target;
                if (!only_task || job_.kind != Kind::celery)
                    fields_.refuse("task", "invalid",
                                   fmt::format("Does not agree with target: its task is \"{}\".",
                                               stored->task));
                else
                    stored = celery_target(*task, how, errors_);
            }
        } else if (is_new_task && job_.kind == Kind::celery) {
            stored = celery_target(*task, how, errors_);
        } else if (is_new_task) {
            fields_.refuse("task", "invalid", "This follows from target: change that.");
        } else if (job_.kind == Kind::celery) {
            require("task");
        } else {
            require("target");
        }
        if (!stored) return;
        job_.target = std::move(stored->json);
        job_.task = std::move(stored->task);
    }

    void read_words() {
        require("name");
        if (auto name = fields_.text(
                "name", {.max_length = 200, .may_be_blank = false, .one_line = true})) {
            if (job_.kind == Kind::internal && before_ && *name != before_->name)
                fields_.refuse("name", "invalid", "Our own chores keep their names.");
            job_.name = *std::move(name);
        }
        if (auto text = fields_.text("description")) job_.description = *std::move(text);
        if (auto tags = fields_.texts(
                "tags", kMaxTags, {.max_length = 100, .may_be_blank = false, .one_line = true})) {
            job_.tags.clear();
            for (std::string& tag : *tags)
                if (std::ranges::find(job_.tags, tag) == job_.tags.end())
                    job_.tags.push_back(std::move(tag));
        }
        if (const auto custom = fields_.object("custom_fields")) job_.custom_fields = custom->raw();
        if (const auto active = fields_.boolean("is_active")) job_.is_active = *active;
        constexpr std::int64_t kInt32 = 2'147'483'647;
        if (const auto priority = fields_.integer("priority", {-kInt32 - 1, kInt32}))
            job_.priority = *priority;
    }

    void read_policies() {
        if (const auto misfire = fields_.choice("misfire", misfire_from)) job_.misfire = *misfire;
        if (const auto window = fields_.integer("misfire_window", kSeconds))
            job_.misfire_window = *window;
        if (const auto limit = fields_.integer("misfire_limit", {1, 10'000}))
            job_.misfire_limit = *limit;
        if (const auto overlap = fields_.choice("overlap", overlap_from)) {
            if (*overlap == Overlap::queue_all || *overlap == Overlap::cancel_running)
                fields_.refuse("overlap", "not_available", std::string(kNotAvailable));
            job_.overlap = *overlap;
        }
        if (const auto grace = fields_.integer("grace", kSeconds)) job_.grace = *grace;
        if (fields_.has_value("timeout"))
            job_.timeout = fields_.integer("timeout", {1, kLongest});
        else if (fields_.has("timeout"))
            job_.timeout.reset();
        if (job_.kind == Kind::celery && job_.overlap != Overlap::allow && !job_.timeout)
            fields_.refuse("timeout", "required",
                           fmt::format("With overlap \"{}\" a timeout is needed: after it a run "
                                       "whose end nobody tells is lost.",
                                       to_text(job_.overlap)));
    }

    void read_owner() {
        if (!fields_.has("owner_id")) return;
        const UserNumber old = before_ ? before_->owner : how_.user->number;
        if (!fields_.has_value("owner_id") && !old) return;  // our own chores
        const auto owner = fields_.integer("owner_id");
        if (!owner || *owner == old.value) return;
        if (!how_.user->is_superuser || job_.kind == Kind::internal)
            return fields_.refuse("owner_id", "invalid", "Only a superuser may change the owner.");
        if (*owner == 0)
            return fields_.refuse("owner_id", "does_not_exist",
                                  "Invalid pk \"0\" - object does not exist.");
        job_.owner = UserNumber{*owner};
    }

    void read_unbuilt() {
        fields_.only_default("on_lost", {"fail", "rerun"});
        fields_.only_number("jitter", 0);
        fields_.only_number("retries", 0, {0, 32});
        fields_.only_number("retry_delay", kRetryDelay);
        for (const char* name : {"max_runs", "dispatch_deadline"}) fields_.only_null(name);
    }

    void read_schedule() {
        require("schedule");
        auto text = fields_.text("schedule", {.max_length = 600, .null_is_blank = true});
        auto type = fields_.has_value("schedule_type")
                        ? fields_.choice("schedule_type", schedule::type_from)
                        : std::nullopt;
        if (auto zone = fields_.text("timezone",
                                     {.max_length = 100, .may_be_blank = false, .one_line = true}))
            job_.timezone = *std::move(zone);
        if (const auto match = fields_.choice("day_match", schedule::day_match_from))
            job_.day_match = *match;
        if (const auto gap = fields_.choice("dst_gap", schedule::gap_from)) job_.clock.gap = *gap;
        if (const auto fold = fields_.choice("dst_fold", schedule::fold_from))
            job_.clock.fold = *fold;
        read_bound("start_at", job_.window.start, schedule::Window{}.start);
        read_bound("end_at", job_.window.end, schedule::Window{}.end);
        std::optional<Instant> anchor;
        if (fields_.has_value("anchor")) anchor = fields_.instant("anchor");

        const bool is_new_text = text && !(before_ && *text == before_->schedule_text);
        if (text) job_.schedule_text = *std::move(text);
        if (!errors_.empty() && has_errors_of_schedule()) return;
        // A text alone is of the type that the job has, or else of the one that it looks like.
        const bool is_type_kept = !type && before_ && (how_.partial || !is_new_text);
        auto parsed = parse(is_type_kept ? before_->schedule_type : type, anchor);
        if (!parsed && is_type_kept && is_new_text) parsed = parse(std::nullopt, anchor);
        if (!parsed) return note_refusal(parsed.error());
        check_anchor(anchor);
        check_ever();
    }

    // A time without an offset is one of the zone's clock, as in "at 2027-01-31T09:00".
    void read_bound(std::string_view name, Instant& bound, Instant open) {
        if (!fields_.has_value(name)) {
            if (fields_.has(name)) bound = open;
            return;
        }
        const auto at = fields_.instant(name);
        if (!at) return;
        bound = *at;
        const auto zone = how_.zones->find(job_.timezone);
        const auto text = fields_.value(name)->as_string();
        if (!zone || !text || has_offset(*text)) return;
        const auto wall = std::chrono::floor<std::chrono::seconds>(at->time_since_epoch());
        bound = zone->instant_of(std::chrono::local_seconds{wall});
    }

    // What has no slot any more is refused where that is new. What is stored stays.
    void check_ever() {
        const Job* const stored = before_ ? before_ : how_.stored;
        if (stored && same_slots(job_, *stored)) return;
        auto never = no_window(job_.window, how_.now);
        if (!never) never = no_slot();
        if (never) errors_.push_back(*std::move(never));
    }

    std::optional<FieldError> no_slot() const;

    bool has_errors_of_schedule() const {
        return std::ranges::any_of(errors_, [](const FieldError& error) {
            for (const char* name : {"schedule", "schedule_type", "timezone", "day_match", "anchor",
                                     "dst_gap", "dst_fold", "start_at", "end_at"})
                if (error.path == name) return true;
            return false;
        });
    }

    Result<void> parse(std::optional<schedule::Type> type, std::optional<Instant> anchor);

    // Only intervals count from somewhere.
    void check_anchor(std::optional<Instant> given) {
        if (job_.schedule_type == schedule::Type::interval || !given) return;
        if (before_ && *given == before_->anchor) return;
        fields_.refuse("anchor", "invalid", "Only an interval has an anchor.");
    }

    void note_refusal(const Error& refusal) {
        errors_.insert(errors_.end(), refusal.fields.begin(), refusal.fields.end());
    }

    const JobReading& how_;
    const Job* before_;
    std::vector<FieldError> errors_;
    Fields fields_;
    Job job_;
};

// What a refusal of the schedule folder is to a client. `suggest` becomes a JSON object.
std::unexpected<Error> refused(const schedule::Refusal& refusal) {
    FieldError error{.path = "schedule",
                     .code = refusal.code,
                     .message = schedule::sentence(refusal),
                     .column = refusal.column,
                     .hint = refusal.hint,
                     .field = refusal.field};
    if (refusal.suggest) {
        json::Writer out(error.suggest);
        schedule::write(out, *refusal.suggest);
    }
    return refuse_all({std::move(error)});
}

Result<void> parse_as(Job& job, std::optional<schedule::Type> type,
                      std::shared_ptr<const schedule::Zone> zone,
                      const std::optional<std::string>& hash_key = {},
                      const schedule::Zones* zones = nullptr) {
    auto parsed = schedule::Schedule::parse(job.schedule_text,
                                            {.type = type,
                                             .day_match = job.day_match,
                                             .hash_key = hash_key ? *hash_key : to_text(job.id),
                                             .anchor = job.anchor,
                                             .clock = job.clock,
                                             .zone = std::move(zone),
                                             .window = job.window,
                                             .zones = zones});
    if (!parsed) return refused(parsed.error());
    job.schedule = *std::move(parsed);
    job.schedule_type = job.schedule.type();
    return {};
}

Result<std::shared_ptr<const schedule::Zone>> zone_of(const Job& job,
                                                      const schedule::Zones& zones) {
    auto zone = zones.find(job.timezone);
    if (!zone)
        return refuse("timezone", "invalid_choice",
                      fmt::format("\"{}\" is not a known time zone.", job.timezone));
    return zone;
}

Result<void> Reader::parse(std::optional<schedule::Type> type, std::optional<Instant> anchor) {
    auto zone = zone_of(job_, *how_.zones);
    if (!zone) return std::unexpected(zone.error());
    const bool was_interval = before_ && before_->schedule_type == schedule::Type::interval;
    job_.anchor = anchor ? *anchor
                  : was_interval
                      ? before_->anchor
                      : job_.window.start_at().value_or((*zone)->local_midnight(how_.now));
    auto parsed = parse_as(job_, type, *std::move(zone), how_.hash_key, how_.zones);
    if (parsed && job_.schedule_type != schedule::Type::interval) job_.anchor = Instant{};
    return parsed;
}

// The schedule and its window are right, each by itself: which of them leaves nothing of the other?
std::optional<FieldError> Reader::no_slot() const {
    const bool is_once = job_.schedule_type == schedule::Type::clocked;
    if (job_.schedule_type == schedule::Type::manual || job_.schedule.is_at_start() ||
        job_.schedule.next_after(is_once ? Instant::min() : how_.now))
        return std::nullopt;  // of a point in time that has passed the misfire policy speaks

    const auto first_in = [&](schedule::Window window) {
        Job job = job_;
        job.window = window;
        const auto parsed =
            parse_as(job, job.schedule_type, how_.zones->find(job.timezone), how_.hash_key);
        return parsed ? job.schedule.next_after(is_once ? Instant::min() : how_.now) : std::nullopt;
    };
    if (const auto first = first_in({.start = job_.window.start}))
        return never("end_at",
                     fmt::format("It never runs: the first time{} is {}, and the end is {}.",
                                 job_.window.start_at() ? " from the start on" : "",
                                 to_iso8601(*first), to_iso8601(job_.window.end)),
                     "The end must be later than that time.");
    if (const auto only = first_in({}))
        return never("start_at",
                     fmt::format("It never runs: its time is {}, and the start is {}.",
                                 to_iso8601(*only), to_iso8601(job_.window.start)),
                     "The start must not be later than that time.");
    return never("schedule",
                 fmt::format("it never runs: the clock of {} skips this time on each date "
                             "that matches",
                             job_.timezone));
}

}  // namespace

Result<Job> read_job(const json::Value& body, const JobReading& how) {
    if (body.kind() != json::Kind::object)
        return refuse(
            "", "invalid",
            fmt::format("Invalid data. Expected a dictionary, but got {}.", python_type(body)));
    return Reader(body, how).read();
}

Result<Job> read_schedule(const json::Value& body, const JobReading& how,
                          std::initializer_list<std::string_view> others) {
    return Reader(body, how).read_schedule_alone(others);
}

Result<void> parse_schedule(Job& job, const schedule::Zones& zones) {
    auto zone = zone_of(job, zones);
    if (!zone) return std::unexpected(zone.error());
    return parse_as(job, job.schedule_type, *std::move(zone));
}

}  // namespace cjv::domain

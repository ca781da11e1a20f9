#include "domain/job_json.h"

#include "support/job.h"
#include "support/zones.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace cjv::domain {

using support::at;

namespace {

const User kStaff{.number = {3}, .is_staff = true};
const User kSuper{.number = {2}, .is_staff = true, .is_superuser = true};

JobReading by(const User& user, const Job* before = nullptr) {
    return {.before = before, .now = at("10:30"), .zones = &support::system_zones(), .user = &user};
}
JobReading patch(const Job& before, const User& user = kSuper) {
    JobReading how = by(user, &before);
    how.partial = true;
    return how;
}

Result<Job> read(const std::string& body, const JobReading& how = by(kSuper)) {
    const auto value = json::parse(body);
    REQUIRE(value);
    return read_job(*value, how);
}

// A body with this beside what every command needs.
std::string command(const std::string& more) {
    return R"({"name":"a","kind":"command","schedule":"0 2 * * *")" +
           (!more.contains("\"target\"") ? std::string(R"(,"target":{"argv":["true"]})") : "") +
           (more.empty() ? "" : ",") + more + "}";
}
Job a_command() { return *read(command("")); }

// "path: message" of everything that is refused, in order of the paths.
std::vector<std::string> refusals(const Result<Job>& result) {
    std::vector<std::string> all;
    if (result) return all;
    for (const FieldError& error : result.error().fields)
        all.push_back(error.path + ": " + error.message);
    std::ranges::sort(all);
    return all;
}
using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("what an old client sends is a job for Celery") {
    const auto job = read(R"({"name":" Nightly ","task":"shop.tasks.sum","schedule":"0 2 * * *"})");

    REQUIRE(job);
    CHECK(job->name == "Nightly");
    CHECK(job->kind == Kind::celery);
    CHECK(job->target == R"({"task":"shop.tasks.sum"})");
    CHECK(job->task == "shop.tasks.sum");
    CHECK(job->overlap == Overlap::allow);
    CHECK(job->schedule_type == schedule::Type::cron);
    CHECK(job->owner == kSuper.number);
}

TEST_CASE("the old data's `5 minutes` is an interval where the client says so") {
    const auto job =
        read(R"({"name":"a","task":"b","schedule":"5 minutes","schedule_type":"interval"})");

    REQUIRE(job);
    CHECK(job->schedule_type == schedule::Type::interval);
    CHECK(job->schedule.next_after(at("10:30")) == at("10:35"));
}

TEST_CASE("what is absent takes its default") {
    const Job job = a_command();

    CHECK(job.description.empty());
    CHECK(job.timezone == "UTC");
    CHECK(job.is_active);
    CHECK(job.priority == 0);
    CHECK(job.misfire == Misfire::latest);
    CHECK(job.misfire_window == 86'400);
    CHECK(job.misfire_limit == 100);
    CHECK(job.overlap == Overlap::skip);
    CHECK(job.grace == 60);
    CHECK_FALSE(job.timeout);
    CHECK(job.custom_fields == "{}");
    CHECK(job.task == "true");
}

TEST_CASE("what is required is asked for, all of it at once") {
    CHECK(refusals(read("{}")) == Lines{"name: This field is required.",
                                        "schedule: This field is required.",
                                        "task: This field is required."});
    CHECK(refusals(read(R"({"kind":"command","name":"a","schedule":""})")) ==
          Lines{"target: This field is required."});
    CHECK(read("{}").error().what == "task: This field is required. (and 2 more)");
}

TEST_CASE("fields are refused in DRF's words") {
    CHECK(
        refusals(read(command(
            R"("name2":1,"description":null,"tags":"x","is_active":"maybe","priority":"high","custom_fields":[])"))) ==
        Lines{"custom_fields: Expected a dictionary of items but got type \"list\".",
              "description: This field may not be null.", "is_active: Must be a valid boolean.",
              "name2: Unknown field.", "priority: A valid integer is required.",
              "tags: Expected a list of items but got type \"str\"."});
    CHECK(refusals(read(R"({"name":"  ","task":true,"schedule":"","misfire":"some"})")) ==
          Lines{"misfire: \"some\" is not a valid choice.", "name: This field may not be blank.",
                "task: Not a valid string."});
    CHECK(refusals(read(command(R"("misfire_limit":0,"retries":33)"))) ==
          Lines{"misfire_limit: Ensure this value is greater than or equal to 1.",
                "retries: Ensure this value is less than or equal to 32."});
    CHECK(refusals(read(command(R"("tags":["ok",""])"))) ==
          Lines{"tags.1: This field may not be blank."});
    CHECK(refusals(read("[]")) == Lines{": Invalid data. Expected a dictionary, but got list."});
}

TEST_CASE("a name has up to 200 characters, however many bytes they are") {
    std::string umlauts;
    for (int i = 0; i < 200; ++i) umlauts += "ü";

    CHECK(read(R"({"name":")" + umlauts + R"(","task":"b","schedule":""})"));
    CHECK(refusals(read(R"({"name":")" + umlauts + R"(x","task":"b","schedule":""})")) ==
          Lines{"name: Ensure this field has no more than 200 characters."});
}

TEST_CASE("texts that stand in one line hold no line ends") {
    CHECK(refusals(read(R"({"name":"a\n* * * * * evil","task":"b\u2028c","schedule":""})")) ==
          Lines{"name: Control characters are not allowed.",
                "task: Control characters are not allowed."});
    CHECK(refusals(read(R"({"name":"a\u0000","task":"b","schedule":""})")) ==
          Lines{"name: Null characters are not allowed."});
}

TEST_CASE("forms send numbers and truth as text") {
    const auto job = read(
        R"({"name":"a","task":"b","schedule":"","is_active":"false","priority":" 7 ","grace":"5.0"})");

    REQUIRE(job);
    CHECK_FALSE(job->is_active);
    CHECK(job->priority == 7);
    CHECK(job->grace == 5);
}

TEST_CASE("an unknown field is refused with the nearest known name") {
    const auto job = read(command(R"("shedule":"@daily","run_as":"root")"));

    CHECK(refusals(job) == Lines{"run_as: Unknown field.", "shedule: Unknown field."});
    CHECK(job.error().fields[0].hint == "Did you mean \"schedule\"?");
    CHECK(job.error().fields[1].hint.empty());
}

TEST_CASE("read-only fields are ignored") {
    CHECK(read(command(R"("id":"x","owner":{},"version":9,"paused":null,"execution_logs":[])")));
}

TEST_CASE("what is not built yet takes its default alone") {
    CHECK(read(command(
        R"("on_lost":"fail","jitter":0,"retries":0,"retry_delay":0,"max_runs":null,"dispatch_deadline":null)")));
    CHECK(
        refusals(read(command(
            R"("on_lost":"rerun","jitter":5,"retries":1,"max_runs":3,"overlap":"queue_all")"))) ==
        Lines{"jitter: Not available in this version.", "max_runs: Not available in this version.",
              "on_lost: Not available in this version.", "overlap: Not available in this version.",
              "retries: Not available in this version."});
    CHECK(refusals(read(R"({"name":"a","kind":"http","schedule":"","target":{"url":"x"}})")) ==
          Lines{"kind: Not available in this version."});
}

TEST_CASE(
    "a job chooses what becomes of times that the clock skips, and of those that come twice") {
    const std::string berlin =
        R"("schedule":"30 2 * * *","timezone":"Europe/Berlin","name":"a","task":"b")";
    const auto job = read("{" + berlin + R"(,"dst_gap":"skip","dst_fold":"both"})");
    REQUIRE(job);
    CHECK(job->clock == schedule::ClockRule{schedule::Gap::skip, schedule::Fold::both});
    const auto gap = *parse_iso8601("2026-03-28T12:00:00Z");
    const auto fold = *parse_iso8601("2026-10-25T00:30:00Z");
    CHECK(job->schedule.next_after(gap) == *parse_iso8601("2026-03-30T00:30:00Z"));
    CHECK(job->schedule.next_after(fold) == fold + std::chrono::hours{1});

    const auto renamed = read(R"({"name":"c"})", patch(*job));
    CHECK(renamed->clock == job->clock);
    CHECK(renamed->schedule.next_after(fold) == fold + std::chrono::hours{1});
    const auto replaced = read("{" + berlin + "}", by(kSuper, &*job));
    CHECK(replaced->clock == schedule::ClockRule{});
    CHECK(replaced->schedule.next_after(gap) == *parse_iso8601("2026-03-29T01:00:00Z"));

    CHECK(refusals(read(command(R"("dst_gap":"sometimes","dst_fold":"third")"))) ==
          Lines{"dst_fold: \"third\" is not a valid choice.",
                "dst_gap: \"sometimes\" is not a valid choice."});
}

TEST_CASE("our own chores cannot be created") {
    CHECK(
        refusals(read(
            R"({"name":"a","kind":"internal","schedule":"","target":{"action":"clean_up"}})"))[0] ==
        "kind: Jobs of this kind are ours and cannot be created.");
}

TEST_CASE("a refused schedule says field, column and what would be right") {
    const auto job = read(command(R"("schedule_type":null,"timezone":"UTC")"));
    CHECK(job);

    const auto refused = read(R"({"name":"a","task":"b","schedule":"0 25 * * *"})");
    REQUIRE_FALSE(refused);
    const FieldError& error = refused.error().fields.at(0);
    CHECK(error.path == "schedule");
    CHECK(error.code == "out-of-range");
    CHECK(error.field == "hour");
    CHECK(error.column == 3);
    CHECK(error.message.starts_with("hour field, column 3: 25 is out of range 0-23"));
}

TEST_CASE("a time that the clock of its zone always skips is refused as never coming") {
    const auto body = [](const std::string& zone) {
        return R"({"name":"a","task":"b","schedule":"* 2 * 3 0#2","timezone":")" + zone + "\"}";
    };
    const auto refused = read(body("America/New_York"));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().fields.at(0).code == "never-fires");
    CHECK(refusals(refused) ==
          Lines{"schedule: it never runs: the clock of America/New_York skips this "
                "time on each date that matches"});
    CHECK(read(body("Europe/Berlin")));
    CHECK(read(R"({"name":"a","task":"b","schedule":"@reboot"})"));

    Job stored = *read(body("Europe/Berlin"));  // of a time before the zone's rules were these
    stored.timezone = "America/New_York";
    CHECK(read(R"({"name":"c"})", patch(stored)));
}

TEST_CASE("a zone that nobody knows is refused") {
    CHECK(refusals(read(command(R"("timezone":"Europe/Berln")"))) ==
          Lines{"timezone: \"Europe/Berln\" is not a known time zone."});
    CHECK(refusals(read(command(R"("timezone":"../../etc/passwd")"))).size() == 1);
}

TEST_CASE("an interval counts from the local midnight of the day on which it was made") {
    const auto job = read(command(R"("schedule":"every 6 hours","timezone":"Asia/Kathmandu")")
                              .replace(command("").find(R"(,"schedule":"0 2 * * *")"), 23, ""));

    REQUIRE(job);
    CHECK(job->anchor == at("18:15") - std::chrono::days{1});  // 00:00 +05:45
    CHECK(job->schedule.next_after(at("10:30")) == at("12:15"));
}

TEST_CASE("a job that is sent back unchanged is unchanged") {
    Job before = a_command();
    before.anchor = {};
    const auto job = read(
        R"({"id":"x","name":"a","description":"","kind":"command","task":"true",
            "target":{"argv":["true"]},"schedule":"0 2 * * *","schedule_type":"cron",
            "timezone":"UTC","day_match":"either","anchor":null,"dst_gap":"after_gap",
            "dst_fold":"first","is_active":true,"paused":null,"priority":0,"tags":[],
            "custom_fields":{},"start_at":null,"end_at":null,"max_runs":null,"misfire":"latest",
            "misfire_window":86400,"misfire_limit":100,"overlap":"skip","on_lost":"fail",
            "jitter":0,"grace":60,"timeout":null,"retries":0,"retry_delay":0,
            "dispatch_deadline":null,"owner_id":2,"next_run_at":null})",
        by(kSuper, &before));

    REQUIRE(job);
    CHECK(job->target == before.target);
    CHECK(job->schedule_text == before.schedule_text);
    CHECK(job->anchor == before.anchor);
    CHECK(job->owner == before.owner);
    CHECK(job->overlap == before.overlap);
}

TEST_CASE("a partial change leaves the rest") {
    Job before = a_command();
    before.tags = {"x"};
    before.timeout = 9;

    const auto job = read(R"({"name":"b"})", patch(before));

    REQUIRE(job);
    CHECK(job->name == "b");
    CHECK(job->tags == before.tags);
    CHECK(job->timeout == 9);
    CHECK(job->target == before.target);
    CHECK_FALSE(read(R"({"timeout":null})", patch(before))->timeout);
}

TEST_CASE("a whole change takes the default for what is absent") {
    Job before = a_command();
    before.tags = {"x"};
    before.is_active = false;

    const auto job = read(command(""), by(kSuper, &before));

    REQUIRE(job);
    CHECK(job->tags.empty());
    CHECK(job->is_active);
}

TEST_CASE("a new text without a type is of the type that the job has, or of what it looks like") {
    Job before =
        *read(R"({"name":"a","task":"b","schedule":"5 minutes","schedule_type":"interval"})");

    CHECK(read(R"({"schedule":"10 minutes"})", patch(before))->schedule_type ==
          schedule::Type::interval);
    CHECK(read(R"({"schedule":"0 2 * * *"})", patch(before))->schedule_type ==
          schedule::Type::cron);
    CHECK(read(R"({"schedule":null})", patch(before))->schedule_type == schedule::Type::manual);
    CHECK(read(R"({"name":"c"})", patch(before))->anchor == before.anchor);
}

TEST_CASE("only an interval has an anchor") {
    CHECK(read(command(R"("anchor":null)")));
    CHECK(refusals(read(command(R"("anchor":"2026-12-01T00:00:00Z")"))) ==
          Lines{"anchor: Only an interval has an anchor."});
    CHECK(refusals(read(command(R"("anchor":"noon")")))[0].starts_with(
        "anchor: Datetime has wrong format."));
}

// A job that Celery runs, with this beside what it needs.
std::string task(const std::string& more) { return R"({"name":"a","task":"b",)" + more + "}"; }

TEST_CASE("a job has slots from its start on, and none from its end on") {
    const auto job = read(task(
        R"("schedule":"0 * * * *","start_at":"2026-12-01T12:00:00Z","end_at":"2026-12-01T14:00:00Z")"));

    REQUIRE(job);
    CHECK(job->window == schedule::Window{at("12:00"), at("14:00")});
    CHECK(job->schedule.next_after(at("10:30")) == at("12:00"));
    CHECK(job->schedule.next_after(at("12:00")) == at("13:00"));
    CHECK_FALSE(job->schedule.next_after(at("13:00")));

    CHECK(read(R"({"name":"c"})", patch(*job))->window == job->window);
    CHECK(read(R"({"end_at":null})", patch(*job))->window ==
          schedule::Window{.start = at("12:00")});
    CHECK(read(task(R"("schedule":"0 * * * *")"), by(kSuper, &*job))->window == schedule::Window{});
}

TEST_CASE("a start or an end without an offset is a time of the job's zone") {
    const auto job = read(task(
        R"("schedule":"0 9 * * *","timezone":"Europe/Berlin","start_at":"2027-01-01","end_at":"2027-03-28T02:30")"));

    REQUIRE(job);
    CHECK(job->window.start == *parse_iso8601("2026-12-31T23:00:00Z"));
    CHECK(job->window.end == *parse_iso8601("2027-03-28T01:00:00Z"));  // skipped: right after it
    CHECK(refusals(read(task(R"("schedule":"0 9 * * *","start_at":"soon")")))[0].starts_with(
        "start_at: Datetime has wrong format."));
    CHECK(refusals(read(task(R"("schedule":"0 9 * * *","end_at":"2027-01-01T00:00:00.5Z")"))) ==
          Lines{"end_at: Ensure this value has no fractions of a second."});
}

TEST_CASE("an interval counts from the start of its window where it has one") {
    const std::string body = task(
        R"("schedule":"every 6 hours","timezone":"Asia/Kathmandu","start_at":"2026-12-01T11:11:11Z")");

    const auto job = read(body);
    REQUIRE(job);
    CHECK(job->anchor == at("11:11:11"));
    CHECK(job->schedule.next_after(at("10:30")) == at("11:11:11"));
    // Once made, it counts from there.
    CHECK(read(R"({"start_at":"2026-12-02T01:00:00Z"})", patch(*job))->anchor == job->anchor);
    CHECK(read(R"({"start_at":null})", patch(*job))->anchor == job->anchor);
}

TEST_CASE("a window without a slot is refused with what was found and what is allowed") {
    const auto refused = [](const std::string& more) {
        const auto job = read(task(more));
        REQUIRE_FALSE(job);
        REQUIRE(job.error().fields.size() == 1);
        return job.error().fields[0];
    };
    FieldError error = refused(
        R"("schedule":"0 9 * * *","start_at":"2027-01-01T00:00:00Z","end_at":"2027-01-01T00:00:00Z")");
    CHECK(error.path == "end_at");
    CHECK(error.code == "invalid");
    CHECK(error.message ==
          "The end, 2027-01-01T00:00:00Z, is not after the start, 2027-01-01T00:00:00Z.");

    error = refused(R"("schedule":"0 9 * * *","end_at":"2026-12-01T10:30:00Z")");
    CHECK(error.path == "end_at");
    CHECK(error.code == "never-fires");
    CHECK(error.message ==
          "It never runs: the end, 2026-12-01T10:30:00Z, has passed; it is 2026-12-01T10:30:00Z "
          "now.");
    CHECK(error.hint == "Give a later end, or none.");

    error = refused(R"("schedule":"0 9 29 2 *","end_at":"2027-06-01T00:00:00Z")");
    CHECK(error.path == "end_at");
    CHECK(error.code == "never-fires");
    CHECK(error.message ==
          "It never runs: the first time is 2028-02-29T09:00:00Z, and the end is "
          "2027-06-01T00:00:00Z.");
    error = refused(
        R"("schedule":"every 3 hours","anchor":"2026-12-01T00:00:00Z","start_at":"2026-12-01T12:30:00Z","end_at":"2026-12-01T15:00:00Z")");
    CHECK(error.message ==
          "It never runs: the first time from the start on is 2026-12-01T15:00:00Z, and the end is "
          "2026-12-01T15:00:00Z.");
    CHECK(error.hint == "The end must be later than that time.");

    error = refused(R"("schedule":"at 2026-12-24T18:00Z","start_at":"2026-12-25T00:00:00Z")");
    CHECK(error.path == "start_at");
    CHECK(error.message ==
          "It never runs: its time is 2026-12-24T18:00:00Z, and the start is "
          "2026-12-25T00:00:00Z.");
    error = refused(R"("schedule":"at 2026-12-24T18:00Z","end_at":"2026-12-24T18:00:00Z")");
    CHECK(error.path == "end_at");

    // What is no schedule of times has a window all the same.
    CHECK(read(task(R"("schedule":"","start_at":"2027-01-01T00:00:00Z")")));
    CHECK(read(task(R"("schedule":"@reboot","end_at":"2027-01-01T00:00:00Z")")));
}

TEST_CASE("a job whose window is over can be edited, and only a new window is refused") {
    Job before = *read(task(R"("schedule":"0 9 * * *","end_at":"2026-12-03T00:00:00Z")"));
    JobReading later = patch(before);
    later.now = at("10:30") + std::chrono::days{30};

    CHECK(read(R"({"name":"c"})", later));
    CHECK(read(R"({"is_active":true,"end_at":"2026-12-03T00:00:00Z"})", later));
    CHECK(refusals(read(R"({"end_at":"2026-12-04T00:00:00Z"})", later)).size() == 1);
    CHECK(refusals(read(R"({"schedule":"0 8 * * *"})", later)).size() == 1);
    CHECK(read(R"({"schedule":"0 8 * * *","end_at":null})", later));
}

TEST_CASE("a window that never has a slot is found in less than ten milliseconds") {
    using std::chrono::steady_clock;
    const std::string body = task(
        R"("schedule":"0 0 29 2 1#5 ; 0 2 * 3 0#2","day_match":"both","timezone":"America/New_York","start_at":"2027-04-01","end_at":"2028-02-01")");
    auto best = steady_clock::duration::max();
    for (int i = 0; i < 5; ++i) {  // the quickest of some: others use the machine as well
        const auto begin = steady_clock::now();
        CHECK_FALSE(read(body));
        best = std::min(best, steady_clock::now() - begin);
    }
    CHECK(best < std::chrono::milliseconds{10});
}

TEST_CASE("the kind of a job cannot be changed") {
    const Job before = a_command();
    CHECK(refusals(read(R"({"kind":"celery"})", patch(before)))[0] ==
          "kind: The kind of a job cannot be changed.");
}

TEST_CASE("the owner is changed by a superuser alone") {
    const Job before = a_command();
    CHECK(read(R"({"owner_id":3})", patch(before))->owner == kStaff.number);
    CHECK(refusals(read(R"({"owner_id":3})", patch(before, kStaff))) ==
          Lines{"owner_id: Only a superuser may change the owner."});
    CHECK(read(R"({"owner_id":2})", patch(before, kStaff)));
}

TEST_CASE("a command is made, and its target changed, by whom the configuration names") {
    const Job before = a_command();

    CHECK(read(command(""), by(kStaff)).error().code == Errc::forbidden);
    CHECK(read(R"({"target":{"argv":["false"]}})", patch(before, kStaff)).error().code ==
          Errc::forbidden);
    CHECK(read(R"({"target":{"argv":[]}})", patch(before, kStaff)).error().code == Errc::forbidden);
    CHECK(read(R"({"target":{"argv":["true"],"shell":false},"name":"b"})", patch(before, kStaff)));

    JobReading owners = by(kStaff);
    owners.commands_by = CommandsBy::owners;
    CHECK(read(command(""), owners));
}

TEST_CASE("a command's target is stored in one form") {
    const auto job = read(command(
        R"("target":{"success_codes":[0],"shell":false,"cwd":null,"env":{"B":"2","A":"1"},"argv":["sort","-r"],"stdin":"x\n"})"));

    REQUIRE(job);
    CHECK(job->target == R"({"argv":["sort","-r"],"env":{"A":"1","B":"2"},"stdin":"x\n"})");
    CHECK(job->task == "sort");
    CHECK(command_target(*job)->argv.size() == 2);
}

TEST_CASE("a target is refused with the path to what is wrong in it") {
    CHECK(refusals(read(command(R"("target":{"argvv":["true"]})"))) ==
          Lines{"target.argv: This field is required.", "target.argvv: Unknown field."});
    CHECK(refusals(read(command(
              R"("target":{"argv":["true",5],"cwd":7,"success_codes":[256],"env":{"A":1}})"))) ==
          Lines{"target.argv.1: Not a valid string.", "target.cwd: Not a valid string.",
                "target.env.A: Not a valid string.",
                "target.success_codes: Expected a list of exit codes, each from 0 to 255."});
    CHECK(refusals(read(command(R"("target":{"argv":["bin/run"],"cwd":"srv"})"))) ==
          Lines{"target.argv.0: Expected an absolute path, or a name that is looked up in "
                "runner.path.",
                "target.cwd: Expected an absolute path."});
    CHECK(refusals(read(command(R"("target":{"argv":["a\u0000b"]})"))) ==
          Lines{"target.argv.0: Null characters are not allowed."});
    CHECK(refusals(read(command(R"("target":{"argv":[]})"))) ==
          Lines{"target.argv: This list may not be empty."});
    CHECK(refusals(read(command(R"("target":"true")"))) ==
          Lines{"target: Expected a dictionary of items but got type \"str\"."});
}

TEST_CASE("variables that would make another program of a command are refused") {
    for (const char* name : {"LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "GLIBC_TUNABLES", "IFS",
                             "BASH_ENV", "ENV", "PYTHONPATH", "PYTHONSTARTUP", "PERL5OPT",
                             "NODE_OPTIONS", "GIT_SSH_COMMAND", "CJV_RUN_ID"}) {
        CAPTURE(name);
        CHECK(refusals(read(command(R"("target":{"argv":["true"],"env":{")" + std::string(name) +
                                    R"(":"x"}})"))) ==
              Lines{"target.env." + std::string(name) + ": This variable may not be set."});
    }
    for (const char* name : {"", "A=b", R"(A\nC)", R"(A\u0000)", "A B"}) {
        CAPTURE(name);
        CHECK(refusals(read(command(R"("target":{"argv":["true"],"env":{")" + std::string(name) +
                                    R"(":"x"}})")))
                  .size() == 1);
    }
    CHECK(read(command(R"("target":{"argv":["true"],"env":{"A":"b\nC=d"}})")));
}

TEST_CASE("PATH is set by superusers alone, and left as it is by anybody") {
    const std::string body = command(R"("target":{"argv":["true"],"env":{"PATH":"/opt/bin"}})");
    JobReading owners = by(kStaff);
    owners.commands_by = CommandsBy::owners;

    const auto job = read(body);
    REQUIRE(job);
    CHECK(refusals(read(body, owners)) ==
          Lines{"target.env.PATH: Only a superuser may set this variable."});
    owners.before = &*job;
    CHECK(read(body, owners));
}

TEST_CASE("a shell is used only where the configuration allows it") {
    const std::string body = command(R"("target":{"argv":["a | b"],"shell":true})");
    JobReading how = by(kSuper);

    CHECK(refusals(read(body, how)) ==
          Lines{"target.shell: Not allowed here: runner.shell is off."});
    how.shell_allowed = true;
    CHECK(read(body, how));
}

TEST_CASE("numbers in a task's arguments stay digit for digit") {
    const auto job = read(
        R"({"name":"a","schedule":"","target":{"kwargs":{"x":1e400},"args":[1.10, 12345678901234567890],"task":"t","queue":null}})");

    REQUIRE(job);
    CHECK(job->target ==
          R"({"task":"t","args":[1.10, 12345678901234567890],"kwargs":{"x":1e400}})");
}

TEST_CASE("an old client that edits `task` changes the target's task and nothing else of it") {
    const Job before =
        *read(R"({"name":"a","schedule":"","target":{"task":"t","args":[1]},"task":"t"})");

    CHECK(read(R"({"name":"a","schedule":"","task":"u"})", by(kSuper, &before))->target ==
          R"({"task":"u","args":[1]})");
    CHECK(read(R"({"task":"u","target":{"task":"t","args":[1]}})", patch(before))->target ==
          R"({"task":"u","args":[1]})");
    CHECK(refusals(read(R"({"task":"u","target":{"task":"v"}})", patch(before))) ==
          Lines{"task: Does not agree with target: its task is \"v\"."});
}

TEST_CASE("the task of a command follows from its target") {
    const Job before = a_command();
    CHECK(refusals(read(R"({"task":"other"})", patch(before))) ==
          Lines{"task: This follows from target: change that."});
    CHECK(read(R"({"task":"true","target":{"argv":["false"]}})", patch(before))->task == "false");
}

TEST_CASE("a Celery job that minds overlap needs a timeout") {
    const std::string body = R"({"name":"a","task":"t","schedule":"","overlap":"skip")";
    CHECK(refusals(read(body + "}"))[0].starts_with("timeout: With overlap \"skip\""));
    CHECK(read(body + R"(,"timeout":60})"));
}

TEST_CASE("of our own chores the schedule may be changed, the action not") {
    Job before = a_command();
    before.kind = Kind::internal;
    before.name = "Clean up";
    before.owner = {};
    before.task = "clean_up";
    before.target = R"({"action":"clean_up"})";

    CHECK(read(R"({"schedule":"0 4 * * *","owner_id":null,"is_active":false})", patch(before)));
    CHECK(read(R"({"target":{"action":"clean_up","days":7}})", patch(before))->target ==
          R"({"action":"clean_up","days":7})");
    CHECK(refusals(read(R"({"target":{"action":"health_check"},"name":"x","owner_id":2})",
                        patch(before)))
              .size() == 3);
}

TEST_CASE("a stored job is parsed again at load, and says what has become wrong") {
    Job job = a_command();
    CHECK(parse_schedule(job, support::system_zones()));
    CHECK(job.schedule.next_after(at("01:00")) == at("02:00"));

    job.timezone = "Europe/Gone";
    const auto parsed = parse_schedule(job, support::system_zones());
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().fields[0].path == "timezone");
}

}  // namespace cjv::domain

// Disks that fail, files that are not what they should be: refused or survived, never made worse.

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "store/migrate.h"
#include "store/sqlite.h"
#include "store/store.h"
#include "support/faulty_disk.h"
#include "support/store.h"
#include "support/temp_folder.h"

namespace cjv::store {
namespace {

using namespace std::chrono_literals;
using domain::Overlap;
using domain::Status;
using support::a_job;
using support::at;
using support::FaultyDisk;
using support::must;
using support::StoreWorld;

std::string bytes_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}
void write_bytes(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

// A store on a disk that may fail.
struct DiskWorld {
    std::string path() const { return (folder.path() / "cjv.db").string(); }

    support::TempFolder folder;
    FaultyDisk disk;
    StoreWorld world{at("01:00"), FaultyDisk::uri(path())};
};

// A store's file as it is between two starts, with a job and `runs` runs in it.
std::string closed_database(const support::TempFolder& folder, int runs = 3) {
    const std::string path = (folder.path() / "cjv.db").string();
    StoreWorld world(at("01:00"), FaultyDisk::uri(path));
    const auto job = world.create(a_job().overlap(Overlap::allow));
    for (int i = 0; i < runs; ++i) world.ask(job);
    return path;
}

Result<std::unique_ptr<Store>> open(const std::string& path) {
    static support::MovableClock clock(at("02:00"));
    static const schedule::Zones zones;
    static Log log({.level = LogLevel::off}, clock);
    return Store::open({.path = path, .readers = 1}, clock, zones, log);
}

std::string refusal_of(const std::string& path) {
    const auto opened = open(path);
    return opened ? "" : opened.error().what;
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

// What the disk was given to do, and what the store said of it.
struct Told {
    std::vector<RunId> kept;  // acknowledged
    bool other = false;       // something was refused for another reason than `unavailable`
};

Told live(StoreWorld& world, const domain::EntryPtr& job) {
    Told told;
    const auto note = [&](const auto& done) {
        if (done) return true;
        told.other = told.other || done.error().code != Errc::unavailable;
        return false;
    };
    for (int i = 0; i < 4; ++i) {
        world.clock.pass(1h);
        const domain::Decision decision = domain::plan(*world.entry(job), {}, world.clock.now());
        if (note(world.store->commit({&decision, 1})))
            for (const domain::PlannedRun& run : decision.runs)
                told.kept.push_back(
                    domain::slot_run_id(world.store->installation_key(), job->number, run.slot));
        const auto asked = world.store->ask_run({.job = job->number}, {});
        if (!note(asked)) continue;
        told.kept.push_back(asked->id);
        world.store->observe_reason(asked->id, domain::Reason::no_local_slot);
        world.turn();
    }
    return told;
}

TEST_CASE("whichever write or sync fails, what was promised is there after a restart") {
    for (const int code : {SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC}) {
        int faults = 0;
        for (int n = 1; n <= faults + 1; ++n) {
            CAPTURE(n);
            DiskWorld on;
            StoreWorld& world = on.world;
            const auto job = world.create(a_job().overlap(Overlap::allow));
            on.disk.fail_at(n, code);

            const Told told = live(world, job);

            if (on.disk.has_failed()) {
                faults = n;
                // The first failure is the last write: one that fails once may have lost anything.
                CHECK(contains(world.store->trouble(), "the disk failed"));
                CHECK_FALSE(told.other);
                CHECK(world.store->ask_run({.job = job->number}, {}).error().code ==
                      Errc::unavailable);
                CHECK(must(world.store->open_runs()).size() >= told.kept.size());
                CHECK(contains(world.log_lines.back(), "store.stopped_writing"));
            }
            world.open();
            CHECK(must(world.store->quick_check()) == "ok");
            for (const RunId& run : told.kept) CHECK(must(world.store->find_run(run)));
            CHECK(world.entry(job)->total_run_count == std::ssize(must(world.store->open_runs())));
            CHECK(must(world.store->ask_run({.job = job->number}, {})).status == Status::pending);
        }
        CHECK(faults > 10);
    }
}

TEST_CASE(
    "a disk that fails while staged decisions are flushed stops all writing, and none has "
    "happened") {
    int faults = 0;
    for (int n = 1; n < 100; ++n) {
        CAPTURE(n);
        DiskWorld here;
        const auto job = here.world.create(a_job().every("1 hour"));
        here.world.clock.set(at("02:00"));
        const domain::Decision decision =
            domain::plan(*here.world.entry(job), {}, here.world.clock.now());
        REQUIRE(here.world.store->stage({&decision, 1}, true, at("02:00"),
                                        here.world.clock.steady() + 1s));
        here.disk.fail_at(n, n % 2 ? SQLITE_IOERR_WRITE : SQLITE_IOERR_FSYNC);
        here.world.store->finish_stage();
        const bool has_failed = here.disk.has_failed();
        here.disk.mend();
        if (!has_failed) {
            CHECK(must(here.world.store->commit_staged()));
            CHECK(here.world.run_of(job, at("02:00")).status == Status::pending);
            break;
        }
        ++faults;
        CHECK_FALSE(here.world.store->trouble().empty());
        CHECK_FALSE(here.world.store->commit_staged());
        here.world.open();
        CHECK(here.world.entry(job)->next_slot == at("02:00"));
    }
    CHECK(faults >= 2);
}

TEST_CASE("a disk that fails while a store opens or closes costs nothing that was promised") {
    int faults = 0;
    for (int n = 1; n <= faults + 1; ++n) {
        CAPTURE(n);
        DiskWorld on;
        const auto job = on.world.create(a_job().overlap(Overlap::allow));
        const auto run = on.world.ask(job);
        on.disk.fail_at(n, SQLITE_IOERR_WRITE, true);

        on.world.store.reset();  // folds the log into the file
        const std::string said = refusal_of(on.world.path);

        if (on.disk.has_failed()) faults = n;
        CHECK((said.empty() || contains(said, "disk I/O error")));
        on.disk.mend();
        on.world.open();
        CHECK(on.world.find(run).status == Status::pending);
        CHECK(must(on.world.store->quick_check()) == "ok");
    }
    CHECK(faults > 5);
}

TEST_CASE("on a full disk writes are refused and observations wait, until there is room") {
    DiskWorld on;
    StoreWorld& world = on.world;
    const auto job = world.create(a_job().overlap(Overlap::allow));
    const auto run = world.ask(job);
    must(world.store->commit_queued({&run.id, 1}));
    on.disk.fail_at(1, SQLITE_FULL, true);

    const auto refused = world.store->ask_run({.job = job->number}, {});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::unavailable);
    CHECK(contains(refused.error().what, "database or disk is full"));
    world.store->observe_ended({.run = run.id, .at = world.clock.now()});
    world.store->turn();
    CHECK(world.find(run).status == Status::queued);  // and reads go on
    CHECK(world.store->trouble().empty());

    on.disk.mend();
    world.clock.pass(1s);
    world.turn();
    CHECK(world.find(run).status == Status::success);
    CHECK(world.ask(job).status == Status::pending);
    CHECK(must(world.store->quick_check()) == "ok");
}

TEST_CASE("a file at the size limit of the process fails like a disk, and loses nothing") {
    ::signal(SIGXFSZ, SIG_IGN);
    const support::TempFolder folder;
    const std::string path = (folder.path() / "cjv.db").string();
    StoreWorld world(at("01:00"), path);
    const auto job = world.create(a_job().overlap(Overlap::allow));
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    rlimit small = before;
    small.rlim_cur = std::filesystem::file_size(path + "-wal") + 10'000;
    ::setrlimit(RLIMIT_FSIZE, &small);
    std::vector<RunId> kept;
    Result<domain::Run> asked = world.store->ask_run({.job = job->number}, {});
    for (; asked && kept.size() < 100; asked = world.store->ask_run({.job = job->number}, {}))
        kept.push_back(asked->id);
    ::setrlimit(RLIMIT_FSIZE, &before);

    REQUIRE_FALSE(asked);
    CHECK(asked.error().code == Errc::unavailable);
    CHECK(contains(world.store->trouble(), "the disk failed"));
    world.open();
    CHECK(must(world.store->open_runs()).size() == kept.size());
    CHECK(must(world.store->quick_check()) == "ok");
}

TEST_CASE("a look at the whole file that finds damage stops all writing") {
    DiskWorld on;
    StoreWorld& world = on.world;
    on.disk.spoil_reads();

    const auto said = world.store->quick_check();

    CHECK((!said || *said != "ok"));
    CHECK(contains(world.store->trouble(), "damaged"));
    CHECK(contains(world.log_lines.front(), "store.damaged"));
}

TEST_CASE("a look at the whole file that was called off finds nothing, and no damage") {
    StoreWorld world;
    std::stop_source stop;
    stop.request_stop();

    const auto said = world.store->quick_check(stop.get_token());

    REQUIRE_FALSE(said);
    CHECK(said.error().code == Errc::unavailable);
    CHECK(world.store->trouble().empty());
}

TEST_CASE("a reader that finds damage stops all writing, and the file stays as it is") {
    DiskWorld on;
    StoreWorld& world = on.world;
    const auto job = world.create(a_job().overlap(Overlap::allow));
    const auto run = world.ask(job);
    on.disk.spoil_reads();

    const auto found = world.store->find_run(run.id);

    REQUIRE_FALSE(found);
    CHECK(found.error().code == Errc::corrupt);
    CHECK(contains(world.store->trouble(), "the database file is damaged"));
    CHECK(world.store->ask_run({.job = job->number}, {}).error().code == Errc::unavailable);
    on.disk.mend();
    world.open();
    CHECK(world.find(run).status == Status::pending);
}

TEST_CASE("a damaged file is refused with what to do, and not touched") {
    const support::TempFolder folder;
    const FaultyDisk quick;
    const std::string path = closed_database(folder, 200);
    const std::string whole = bytes_of(path);
    std::mt19937 random(14);
    int refused = 0;
    for (int round = 0; round < 300; ++round) {
        CAPTURE(round);
        std::string bytes = whole;
        const int flips = round < 200 ? 1 << random() % 7 : 4'096;
        for (int i = 0; i < flips; ++i)
            bytes[random() % bytes.size()] = static_cast<char>(random());
        if (round % 10 == 9) bytes.resize(random() % bytes.size() + 1);
        write_bytes(path, bytes);

        const auto opened = open(FaultyDisk::uri(path));

        if (!opened) {
            ++refused;
            CAPTURE(opened.error().what);
            CHECK(opened.error().code == Errc::corrupt);
            CHECK(contains(opened.error().what, ".recover"));
            CHECK(bytes_of(path) == bytes);
            continue;
        }
        // Harmless so far: what comes is done or refused, too.
        (void)(*opened)->logs({}, LogOrder::newest, 0, 500);
        (void)(*opened)->quick_check();
        (void)(*opened)->ask_run({.job = JobNumber{3}}, {});
    }
    CHECK(refused > 50);
}

TEST_CASE("a file that is no database is refused, and not touched") {
    const support::TempFolder folder;
    const std::string text(5'000, 'x');
    const std::string path = folder.file("cjv.db", text);

    const std::string said = refusal_of(path);

    CHECK(contains(said, path));
    CHECK(contains(said, "file is not a database"));
    CHECK(contains(said, "The file is left as it is."));
    CHECK(bytes_of(path) == text);
}

TEST_CASE("a database of another program is refused, and not touched") {
    const support::TempFolder folder;
    const std::string path = (folder.path() / "theirs.db").string();
    must(must(Database::open(path, Access::writer)).script("CREATE TABLE theirs (x)"));
    const std::string before = bytes_of(path);

    CHECK(contains(refusal_of(path), "a database of another program"));
    CHECK(bytes_of(path) == before);
}

TEST_CASE("a database of a newer version is refused with both numbers, and not touched") {
    const support::TempFolder folder;
    const FaultyDisk quick;
    const std::string path = closed_database(folder);
    must(must(Database::open(path, Access::writer))
             .script("INSERT INTO migrations WITH RECURSIVE later(number) AS "
                     "(SELECT max(number) + 1 FROM migrations UNION ALL "
                     "SELECT number + 1 FROM later WHERE number < 999) "
                     "SELECT number, 'later.sql', 0 FROM later"));
    const std::string before = bytes_of(path);

    const std::string said = refusal_of(path);

    CHECK(contains(said, "schema 999"));
    CHECK(contains(said, "knows " + std::to_string(schema_number())));
    CHECK(contains(said, "restore a back-up"));
    CHECK(bytes_of(path) == before);
}

}  // namespace
}  // namespace cjv::store

#include "store/outbox.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <utility>

#include "support/store.h"

namespace cjv::store {
namespace {

using namespace std::chrono_literals;
using domain::Overlap;
using domain::Status;
using support::a_job;
using support::allow_changes;
using support::must;
using support::refuse_changes_of;
using support::StoreWorld;

std::vector<std::int64_t> numbers(const std::vector<BatchPtr>& batches) {
    std::vector<std::int64_t> found;
    for (const BatchPtr& batch : batches) found.push_back(batch->number);
    return found;
}

// So many jobs of kind celery, each with one due slot, decided in one commit.
void decide_tasks(StoreWorld& world, int count) {
    for (int i = 0; i < count; ++i)
        world.create(a_job().name("job " + std::to_string(i)).celery("t").every("1 hour"));
    world.clock.pass(1h);
    std::vector<domain::Decision> decisions;
    for (const auto& entry : world.store->board().all())
        if (entry->job->kind == domain::Kind::celery)
            decisions.push_back(domain::plan(*entry, {}, world.clock.now()));
    must(world.store->commit(decisions));
}

std::vector<RunId> messages_of(const StoreWorld& world) {
    std::vector<RunId> runs;
    for (const auto& batch : world.batches)
        for (const auto& item : batch->items) runs.push_back(item.run);
    return runs;
}

// What the broker took is known to be there.
void take_all(StoreWorld& world) {
    for (const auto& batch : std::exchange(world.batches, {}))
        world.store->observe_sent({.batch = batch, .at = world.clock.now()});
    world.turn();
}

TEST_CASE("a run for a broker and its message are one commit") {
    StoreWorld world;
    const auto run = world.ask(world.create(a_job().celery("erp.close_day")));

    REQUIRE(world.batches.size() == 1);
    const Batch& batch = *world.batches[0];
    CHECK(batch.list == "erp.close_day");
    CHECK(batch.number == 1);
    REQUIRE(batch.items.size() == 1);
    CHECK(batch.items[0].run == run.id);
    CHECK(batch.message(batch.items[0]) == "message of " + to_text(run.id));
    CHECK(must(world.reloaded()->open_batches()).size() == 1);
}

TEST_CASE("the feed says of a run whether its message is there") {
    StoreWorld world;
    std::vector<bool> posted;
    world.store->feed().subscribe([&](const Commit& commit) {
        for (const Change& change : commit.changes)
            if (change.what == Change::What::run && change.after == Status::pending)
                posted.push_back(change.is_posted);
    });
    const auto task = world.create(a_job().celery("t"));
    world.ask(task);
    world.ask(world.create(a_job().name("ours")));
    CHECK(posted == std::vector{true, false});

    posted.clear();
    auto queue = a_job().name("one at a time").celery("t").job();
    queue.overlap = Overlap::queue_one;
    const auto job = must(world.store->create_job(queue, {}));
    const auto first = world.ask(job);
    world.ask(job);  // waits
    take_all(world);
    world.finish(first.id);
    CHECK(posted == std::vector{true, false, true});
}

TEST_CASE("a run of our own machine has no message") {
    StoreWorld world;
    world.ask(world.create(a_job()));
    CHECK(world.batches.empty());
    CHECK(must(world.store->open_batches()).empty());
}

TEST_CASE("what the broker has taken is queued, and is not sent again") {
    StoreWorld world;
    const auto run = world.ask(world.create(a_job().celery("t")));
    const Instant sent = world.clock.now();
    world.clock.pass(3s);

    world.store->observe_sent({.batch = world.batches[0], .at = sent});
    world.turn();

    CHECK(world.find(run).status == Status::queued);
    CHECK(world.find(run).queued_at == sent);
    CHECK(must(world.reloaded()->open_batches()).empty());
}

TEST_CASE("a batch read back after a crash is the batch that was written") {
    StoreWorld world;
    const auto job = world.create(a_job().celery("t"));
    world.ask(job);
    world.ask(world.create(a_job().name("other").celery("u")));

    const auto read = must(world.reloaded()->open_batches());

    REQUIRE(read.size() == 2);
    for (std::size_t i = 0; i < 2; ++i) {
        CHECK(read[i]->list == world.batches[i]->list);
        CHECK(read[i]->number == world.batches[i]->number);
        CHECK(read[i]->bytes == world.batches[i]->bytes);
        REQUIRE(read[i]->items.size() == 1);
        CHECK(read[i]->items[0].run == world.batches[i]->items[0].run);
    }
}

TEST_CASE("a batch whose bytes are damaged is not sent, and the error says so") {
    for (const char* damage :
         {"messages = substr(messages, 1, 20)", "messages = x''", "size = size + 1",
          "size = 1000000000000", "size = NULL", "runs = substr(runs, 2)", "runs = x''"}) {
        CAPTURE(damage);
        StoreWorld world;
        world.ask(world.create(a_job().celery("t")));
        Database db = must(Database::open(world.path, Access::writer));
        must(db.script(std::string("UPDATE batches SET ") + damage));

        const auto read = open_batches(db);

        REQUIRE_FALSE(read);
        CHECK(read.error().code == Errc::corrupt);
    }
}

TEST_CASE("what the broker has of a damaged batch is confirmed: its runs can be read") {
    StoreWorld world;
    const auto run = world.ask(world.create(a_job().celery("t")));
    const auto damage = [&](const char* how) {
        must(must(Database::open(world.path, Access::writer))
                 .script(std::string("UPDATE batches SET ") + how));
    };
    SUBCASE("when the broker has lost what came after it") {
        damage("messages = x''");
        must(world.store->send_lost_again({.list = "t", .had = 1, .confirmed = 1}));
    }
    SUBCASE("when another server with these data has sent it") {
        damage("size = size + 1");
        must(world.store->confirm_pushed_by_another("t", 1));
    }
    CHECK(world.find(run).status == Status::queued);
    CHECK(must(world.store->open_batches()).empty());
}

TEST_CASE(
    "a run that has ended and was cleaned up is told with its message as one that has ended") {
    StoreWorld world;
    const auto job = world.create(a_job().celery("t"));
    const auto gone = world.ask(job), open = world.ask(job);
    must(world.store->ask_cancel(gone.id, false, {}));
    world.clock.pass(1h);
    while (must(world.store->clean_up_slice(world.clock.now())) > 0) continue;
    REQUIRE_FALSE(must(world.store->find_run(gone.id)));

    const auto page = must(world.store->outbox_page("t", 1, 1'000));
    CHECK(page.batches.size() == 2);
    CHECK(page.ended == std::vector{gone.id});
}

TEST_CASE("numbers grow by list, and a confirmed one is not given again after a restart") {
    StoreWorld world;
    const auto job = world.create(a_job().celery("t"));
    const auto other = world.create(a_job().name("other").celery("u"));
    world.ask(job);
    world.ask(other);
    world.ask(job);
    CHECK(numbers(world.batches) == std::vector<std::int64_t>{1, 1, 2});
    for (const auto& batch : std::vector(world.batches))
        world.store->observe_sent({.batch = batch, .at = world.clock.now()});
    world.turn();
    world.batches.clear();

    const auto alive = world.reader();  // a database in memory lives as long as a connection
    world.open();
    world.ask(job);

    CHECK(numbers(world.batches) == std::vector<std::int64_t>{3});
}

TEST_CASE("a batch has at most 500 messages") {
    StoreWorld world;
    decide_tasks(world, 501);

    REQUIRE(world.batches.size() == 2);
    CHECK(world.batches[0]->items.size() == 500);
    CHECK(world.batches[1]->items.size() == 1);
    CHECK(world.batches[1]->number == 2);
}

TEST_CASE("a batch is limited by bytes, too, and a message that is longer has one of its own") {
    StoreWorld world;
    std::vector<domain::Decision> decisions;
    for (int i = 0; i < 4; ++i)
        world.create(a_job().name("job " + std::to_string(i)).celery("t").every("1 hour"));
    world.clock.pass(1h);
    for (const auto& entry : world.store->board().all())
        if (entry->job->kind == domain::Kind::celery)
            decisions.push_back(domain::plan(*entry, {}, world.clock.now()));

    SUBCASE("two fit") { world.message_bytes = Batch::kMostBytes / 2; }
    SUBCASE("none does") { world.message_bytes = Batch::kMostBytes + 1; }
    must(world.store->commit(decisions));

    const std::size_t each = world.message_bytes == Batch::kMostBytes / 2 ? 2 : 1;
    REQUIRE(world.batches.size() == 4 / each);
    for (const auto& batch : world.batches) CHECK(batch->items.size() == each);
    CHECK(must(world.store->open_batches()).size() == 4 / each);
}

TEST_CASE("what waits is known by list, and is read back in pages, with what has ended of it") {
    StoreWorld world;
    const auto job = world.create(a_job().celery("t"));
    std::vector<RunId> runs;
    for (int i = 0; i < 5; ++i) runs.push_back(world.ask(job).id);
    const auto other = world.ask(world.create(a_job().name("other").celery("u")));
    must(world.store->ask_cancel(runs[1], false, {}));

    const auto lists = must(world.store->open_lists());
    REQUIRE(lists.size() == 2);
    CHECK(lists[0].list == "t");
    CHECK(lists[0].first == 1);
    CHECK(lists[0].newest == 5);
    CHECK(lists[0].messages == 5);
    CHECK(!lists[0].expires);
    CHECK(lists[1].messages == 1);

    const std::size_t two = world.batches[0]->bytes.size() + 1;
    const auto page = must(world.store->outbox_page("t", 1, two));
    CHECK(numbers(page.batches) == std::vector<std::int64_t>{1, 2});
    CHECK(page.ended == std::vector{runs[1]});
    CHECK(numbers(must(world.store->outbox_page("t", 3, 1)).batches) ==
          std::vector<std::int64_t>{3});
    CHECK(numbers(must(world.store->outbox_page("t", 3, 1'000, 4)).batches) ==
          std::vector<std::int64_t>{3, 4});
    CHECK(must(world.store->outbox_page("t", 6, 1'000)).batches.empty());

    runs.push_back(other.id);
    std::ranges::sort(runs);
    CHECK(must(world.store->posted_runs()) == runs);
}

TEST_CASE("what expires is found on disk, and when the next does") {
    StoreWorld world;
    const auto job = world.create(a_job().celery("t"));
    world.ask(job);  // never
    world.expires_after = 10s;
    const Instant start = world.clock.now();
    for (int i = 0; i < 3; ++i) {
        world.ask(job);
        world.clock.pass(5s);
    }
    CHECK(must(world.store->open_lists())[0].expires == start + 10s);
    const auto expiring = [&](Instant after, Instant until, std::size_t bytes = 1'000) {
        return numbers(must(world.store->expiring_batches("t", 1, after, until, bytes)));
    };
    using Numbers = std::vector<std::int64_t>;
    CHECK(expiring(Instant::min(), start + 9s).empty());
    CHECK(expiring(Instant::min(), start + 15s) == Numbers{2, 3});
    CHECK(expiring(Instant::min(), start + 15s, 1) == Numbers{2});
    CHECK(expiring(start + 10s, start + 20s) == Numbers{3, 4});
    CHECK(must(world.store->next_expiry("t", 1, start + 10s)) == start + 15s);
    CHECK(!must(world.store->next_expiry("t", 1, start + 20s)));
    const auto page = must(world.store->outbox_page("t", 1, 1'000));
    CHECK_FALSE(page.batches[0]->may_expire);
    CHECK(page.batches[1]->may_expire);
}

TEST_CASE("a run that waits for another has no message until it may leave") {
    StoreWorld world;
    auto builder = a_job().celery("t").overlap(Overlap::queue_one);
    const auto job = world.create(builder);
    const auto first = world.ask(job);
    const auto second = world.ask(job);
    REQUIRE(world.batches.size() == 1);

    world.store->observe_ended(
        {.run = first.id, .at = world.clock.now(), .status = Status::failed});
    world.turn();

    REQUIRE(world.batches.size() == 2);
    CHECK(world.batches[1]->items[0].run == second.id);
}

TEST_CASE("a decision that is rolled back leaves no message and no gap in the numbers") {
    StoreWorld world;
    const auto job = world.create(a_job().celery("t"));
    world.break_at(3);
    CHECK(!world.store->ask_run({.job = job->number}, {}));
    world.mend();
    CHECK(world.batches.empty());

    world.ask(job);

    CHECK(numbers(world.batches) == std::vector<std::int64_t>{1});
}

TEST_CASE("a start that is known before the sending is a start") {
    StoreWorld world;
    const auto run = world.ask(world.create(a_job().celery("t")));

    world.store->observe_started(
        {.run = run.id, .at = world.clock.now(), .worker = "celery@host", .was_sent = true});
    world.store->observe_sent({.batch = world.batches[0], .at = world.clock.now()});
    world.turn();

    CHECK(world.find(run).status == Status::running);
    CHECK(must(world.store->open_batches()).empty());
}

TEST_CASE(
    "a run whose message the broker has lost gets another, with the next number and the same id") {
    StoreWorld world;
    const auto job = world.create(a_job().celery("t"));
    const auto first = world.ask(job), second = world.ask(job);
    take_all(world);
    world.clock.pass(1min);

    CHECK(must(world.store->send_lost_again({.list = "t", .had = 1, .confirmed = 2})).changed == 1);

    REQUIRE(world.batches.size() == 1);
    CHECK(world.batches[0]->number == 3);
    REQUIRE(world.batches[0]->items.size() == 1);
    CHECK(world.batches[0]->items[0].run == second.id);
    CHECK(world.batches[0]->bytes == "message of " + to_text(second.id));
    CHECK(world.find(second).status == Status::queued);
    CHECK(world.find(second).notes.find("was sent once more") != std::string::npos);
    CHECK(world.find(first).notes.empty());
    take_all(world);
    CHECK(world.find(second).queued_at == world.clock.now());
    CHECK(world.find(second).batch == 3);
}

TEST_CASE("of a loss that was seen to nothing is sent again") {
    StoreWorld world;
    world.ask(world.create(a_job().celery("t")));
    take_all(world);
    const LostBatches lost{.list = "t", .had = 0, .confirmed = 1};
    CHECK(must(world.store->send_lost_again(lost)).changed == 1);

    CHECK(must(world.store->send_lost_again(lost)).changed == 0);
    const auto numbers = must(world.store->list_numbers());
    REQUIRE(numbers.size() == 1);
    CHECK(numbers[0].confirmed == 0);
    CHECK(numbers[0].newest == 2);
}

TEST_CASE("a run of which a worker has told is not sent again when the broker loses its data") {
    StoreWorld world;
    const auto run = world.ask(world.create(a_job().celery("t")));
    take_all(world);
    world.store->observe_task({.task_id = to_text(run.id),
                               .seen_at = world.clock.now(),
                               .status = Status::queued,
                               .received_at = world.clock.now()});
    world.turn();

    CHECK(must(world.store->send_lost_again({.list = "t", .had = 0, .confirmed = 1})).changed == 0);
    CHECK(world.batches.empty());
}

TEST_CASE("what the broker had taken a moment before it lost its data is sent again, too") {
    StoreWorld world;
    const auto run = world.ask(world.create(a_job().celery("t")));
    const auto taken = world.batches[0];
    world.batches.clear();
    world.store->observe_sent({.batch = taken, .at = world.clock.now()});  // not yet written

    CHECK(must(world.store->send_lost_again({.list = "t", .had = 0, .confirmed = 1})).changed == 1);
    world.turn();

    REQUIRE(world.batches.size() == 1);
    CHECK(world.batches[0]->items[0].run == run.id);
    CHECK(world.find(run).batch == 0);  // nobody has confirmed the second
    const auto open = must(world.store->open_batches());
    REQUIRE(open.size() == 1);
    CHECK(open[0]->number == 2);
}

TEST_CASE("a run that was to be cancelled ends with the broker's loss") {
    StoreWorld world;
    const auto run = world.ask(world.create(a_job().celery("t")));
    take_all(world);
    must(world.store->ask_cancel(run.id, false, {}));

    CHECK(must(world.store->send_lost_again({.list = "t", .had = 0, .confirmed = 1})).changed == 1);

    CHECK(world.find(run).status == Status::cancelled);
    CHECK(world.find(run).reason == domain::Reason::by_user);
    CHECK(world.batches.empty());
}

TEST_CASE("a run whose job is gone is lost with the broker's data, and says so") {
    StoreWorld world;
    const auto job = world.create(a_job().celery("t"));
    const auto run = world.ask(job);
    take_all(world);
    must(world.store->delete_job(job->number, 0, {}));

    must(world.store->send_lost_again({.list = "t", .had = 0, .confirmed = 1}));

    CHECK(world.find(run).status == Status::lost);
    CHECK(world.find(run).reason == domain::Reason::no_end_seen);
    CHECK(world.find(run).error.find("the job was deleted") != std::string::npos);
    CHECK(world.batches.empty());
}

TEST_CASE(
    "a run is sent again to the list that its job names now, and only for the list that it was "
    "on") {
    StoreWorld world;
    const auto job = world.create(a_job().celery("t"));
    const auto run = world.ask(job);
    take_all(world);
    auto changed = *world.entry(job)->job;
    changed.task = "u";
    must(world.store->update_job(job->number, 0, changed, {}));

    CHECK(must(world.store->send_lost_again({.list = "u", .had = 0, .confirmed = 1})).changed == 0);
    CHECK(must(world.store->send_lost_again({.list = "t", .had = 0, .confirmed = 1})).changed == 1);

    REQUIRE(world.batches.size() == 1);
    CHECK(world.batches[0]->list == "u");
    CHECK(world.batches[0]->items[0].run == run.id);
}

TEST_CASE(
    "a loss that could not be written down to its end is seen to anew, and nothing is sent twice") {
    StoreWorld world;
    const auto job = world.create(a_job().celery("t"));
    for (int i = 0; i < 3; ++i) world.ask(job);
    take_all(world);
    const LostBatches lost{.list = "t", .had = 0, .confirmed = 3};
    for (int statement = 1; statement < 60; ++statement) {
        world.break_at(statement);
        [[maybe_unused]] const auto some = world.store->send_lost_again(lost);
        world.mend();
    }
    std::size_t messages = 0;
    for (const auto& batch : world.batches) messages += batch->items.size();
    CHECK(messages == 3);
    CHECK(must(world.store->list_numbers())[0].confirmed == 0);
}

TEST_CASE("a run that the database refuses spares the others when the broker has lost them all") {
    StoreWorld world;
    const auto job = world.create(a_job().celery("t"));
    const auto first = world.ask(job), bad = world.ask(job), last = world.ask(job);
    take_all(world);
    refuse_changes_of(bad.id, world.path);
    const auto sent = must(world.store->send_lost_again({.list = "t", .had = 0, .confirmed = 3}));
    CHECK(sent.changed == 2);
    CHECK(sent.refused == 1);
    CHECK(sent.is_kept);
    CHECK(world.log_lines.back().find(to_text(bad.id)) != std::string::npos);
    CHECK(messages_of(world) == std::vector{first.id, last.id});
    take_all(world);
    CHECK(must(world.store->send_refused_again()).refused == 1);

    SUBCASE("and is sent again when it may be changed") {}
    SUBCASE("also by the next server") {
        const auto alive = world.reader();
        world.open();
    }
    allow_changes(world.path);
    CHECK(must(world.store->send_refused_again()).changed == 1);
    CHECK(messages_of(world) == std::vector{bad.id});
    take_all(world);
    CHECK(must(world.store->send_refused_again()).changed == 0);
    CHECK(world.find(bad).status == Status::queued);

    CHECK(must(world.store->send_refused_again()).is_kept);
    world.clock.pass(25h);
    must(world.store->send_refused_again());
    CHECK_FALSE(must(world.store->send_refused_again()).is_kept);
}

TEST_CASE(
    "a batch of which the database refuses one run is recorded for the others, and later for it") {
    StoreWorld world;
    decide_tasks(world, 3);
    REQUIRE(world.batches.size() == 1);
    const auto batch = world.batches[0];
    REQUIRE(batch->items.size() == 3);
    const auto status = [&](std::size_t i) {
        return must(world.store->find_run(batch->items[i].run)).value().status;
    };
    refuse_changes_of(batch->items[1].run, world.path);

    SUBCASE("when it is confirmed") {
        take_all(world);
        CHECK(world.log_lines.back().find("store.sent_refused") != std::string::npos);
        CHECK(must(world.store->list_numbers())[0].confirmed == 1);
    }
    SUBCASE("when the broker loses it before that") {
        world.store->observe_sent({.batch = batch, .at = world.clock.now()});
        const auto sent =
            must(world.store->send_lost_again({.list = "t", .had = 0, .confirmed = 1}));
        CHECK(sent.changed == 2);
        CHECK(sent.is_kept);
        world.turn();
    }
    CHECK(must(world.reloaded()->open_batches()).empty() == (world.batches.empty()));
    CHECK(status(0) == Status::queued);
    CHECK(status(1) == Status::pending);
    CHECK(status(2) == Status::queued);

    allow_changes(world.path);
    world.clock.pass(1min);
    world.turn();
    CHECK(status(1) == Status::queued);
    world.ask(world.create(a_job().name("other").celery("u")));  // and all goes on together
}

TEST_CASE("that a run was sent outlives a stop, though the database refuses to record it") {
    StoreWorld world;
    decide_tasks(world, 3);
    const RunId bad = world.batches[0]->items[1].run;
    refuse_changes_of(bad, world.path);
    SUBCASE("when it is confirmed") { take_all(world); }
    SUBCASE("when another server with these data has sent it") {
        must(world.store->confirm_pushed_by_another("t", 1));
    }
    CHECK(must(world.store->open_batches()).empty());

    const auto alive = world.reader();
    for (int start = 0; start < 2; ++start) {
        world.open();
        CHECK(must(world.store->posted_runs()) == std::vector{bad});  // so that nobody ends it
        world.turn();
        CHECK(must(world.store->find_run(bad))->status == Status::pending);
    }
    allow_changes(world.path);
    world.clock.pass(1min);
    world.turn();
    CHECK(must(world.store->find_run(bad))->status == Status::queued);
    CHECK(must(world.store->find_run(bad))->batch == 1);
    CHECK(must(world.store->posted_runs()).empty());
}

TEST_CASE("with a new installation id what the broker has is not known to be ours") {
    StoreWorld world;
    const auto run = world.ask(world.create(a_job().celery("t")));
    take_all(world);
    const Uuid before = world.store->installation_id();

    must(world.store->take_new_installation_id());

    CHECK(world.store->installation_id() != before);
    CHECK(world.reloaded()->installation_id() == world.store->installation_id());
    CHECK(must(world.store->list_numbers())[0].confirmed == 0);
    CHECK(must(world.store->list_numbers())[0].newest == 1);
    CHECK(world.find(run).batch == 0);
    CHECK(world.find(run).status == Status::queued);
}

TEST_CASE(
    "what was sent under an installation id that is given up is queued, and its number is not "
    "ours") {
    StoreWorld world;
    const auto run = world.ask(world.create(a_job().celery("t")));
    world.store->observe_sent({.batch = world.batches[0], .at = world.clock.now()});

    must(world.store->take_new_installation_id());
    world.turn();

    CHECK(world.find(run).status == Status::queued);
    CHECK(world.find(run).batch == 0);
    CHECK(must(world.store->list_numbers())[0].confirmed == 0);
    CHECK(must(world.store->open_batches()).empty());
}

}  // namespace
}  // namespace cjv::store

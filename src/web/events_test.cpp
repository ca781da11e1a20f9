#include "web/events.h"

#include "support/clock.h"

#include <doctest/doctest.h>

namespace cjv::web {
namespace {

using namespace std::chrono_literals;
using store::Change;

constexpr auto kStart = std::chrono::sys_days{std::chrono::year{2026} / 12 / 1};

struct World {
    support::MovableClock clock{Instant{kStart}};
    domain::Board board;
    Events events{7, "1.0", board, clock};
    std::uint64_t commits = 0;

    void put_job(std::int64_t number, std::int64_t version) {
        auto job = std::make_shared<domain::Job>();
        job->id.bytes[15] = static_cast<std::uint8_t>(number);
        job->name = "job " + std::to_string(number);
        job->version = version;
        auto entry = std::make_shared<domain::Entry>();
        entry->number = {number};
        entry->job = job;
        board.put(entry);
        commit({.what = Change::What::job, .job = {number}});
    }
    void commit(Change change) { events.on_commit({++commits, clock.now(), {change}}); }
    void run(std::uint8_t id, domain::Status status) {
        Change change{.what = Change::What::run, .job = {1}, .after = status};
        change.run.bytes[15] = id;
        commit(change);
    }
};

std::string all_of(Source& source) {
    std::string text;
    for (;;) {
        const Piece piece = source.next();
        text += piece.bytes;
        if (!piece.more) return text;
    }
}

std::size_t count(std::string_view text, std::string_view word) {
    std::size_t found = 0;
    for (auto at = text.find(word); at != text.npos; at = text.find(word, at + 1)) ++found;
    return found;
}

}  // namespace

TEST_CASE("a stream greets, then tells what happens after it was opened") {
    World world;
    world.put_job(1, 1);
    const auto stream = world.events.open(kAllTopics, "");
    CHECK(all_of(*stream) ==
          "event: hello\nid: 7-1\n"
          "data: {\"server_time\":\"2026-12-01T00:00:00Z\",\"version\":\"1.0\"}\n\n");
    CHECK(all_of(*stream).empty());

    world.run(9, domain::Status::running);
    CHECK(all_of(*stream) ==
          "event: run\nid: 7-2\ndata: {\"id\":\"00000000-0000-0000-0000-000000000009\","
          "\"job\":\"00000000-0000-0000-0000-000000000001\",\"status\":\"running\"}\n\n");
}

TEST_CASE("a job is news when it is new, defined anew or gone, not when its cursor moves") {
    World world;
    const auto stream = world.events.open({true, false, false, false, false}, "");
    all_of(*stream);

    world.put_job(1, 1);
    world.put_job(1, 1);
    world.put_job(1, 2);
    world.board.remove({1});
    world.commit({.what = Change::What::job_removed, .job = {1}});
    const std::string text = all_of(*stream);
    CHECK(count(text, "event: job") == 3);
    CHECK(text.find(R"("change":"created","version":1)") != text.npos);
    CHECK(text.find(R"("change":"updated","version":2)") != text.npos);
    CHECK(text.find(R"("change":"deleted"})") != text.npos);
}

TEST_CASE("the numbers of a stream have no gap, whatever else happens") {
    World world;
    const auto stream = world.events.open({false, true, false, false, false}, "");
    all_of(*stream);

    world.run(1, domain::Status::queued);
    world.put_job(1, 1);
    world.put_job(2, 1);
    world.run(1, domain::Status::running);
    const std::string text = all_of(*stream);
    CHECK(text.find("id: 7-1\n") != text.npos);
    CHECK(text.find("id: 7-2\n") != text.npos);
    CHECK(count(text, "event: ") == 2);
}

TEST_CASE("a stream that comes back goes on where it stopped") {
    World world;
    for (std::uint8_t i = 1; i <= 5; ++i) world.run(i, domain::Status::success);
    const std::string text = all_of(*world.events.open(kAllTopics, "7-3"));
    CHECK(count(text, "event: run") == 2);
    CHECK(text.find("id: 7-4\n") != text.npos);
    CHECK(text.find("event: reset") == text.npos);
}

TEST_CASE("an id of another start, of the future or of nobody is answered with reset") {
    World world;
    world.run(1, domain::Status::success);
    for (const auto id : {"6-1", "7-2", "7", "x", "7-", "-1", "7-1x", "99999999999999999999-1"}) {
        CAPTURE(id);
        const std::string text = all_of(*world.events.open(kAllTopics, id));
        CHECK(text.find("event: reset") != text.npos);
        CHECK(count(text, "event: run") == 0);
    }
}

TEST_CASE("a stream that falls behind is told how much it missed, and an id that old is reset") {
    World world;
    const auto stream = world.events.open(kAllTopics, "");
    all_of(*stream);

    for (int i = 0; i < 10'000; ++i) world.run(1, domain::Status::success);
    const std::string text = all_of(*stream);
    CHECK(text.starts_with("event: dropped\ndata: {\"count\":1808}\n\nevent: run\nid: 7-1809\n"));
    CHECK(count(text, "event: run") == 8'192);
    CHECK(all_of(*world.events.open(kAllTopics, "7-5")).find("event: reset") != std::string::npos);
}

TEST_CASE("counts of jobs are told at most once a second, and the last ones are told") {
    World world;
    const auto stream = world.events.open({false, false, false, true, false}, "");
    all_of(*stream);

    world.clock.pass(2s);
    world.put_job(1, 1);
    world.put_job(2, 1);
    CHECK(count(all_of(*stream), "event: stats") == 1);

    world.clock.pass(1s);
    world.events.turn();
    const std::string text = all_of(*stream);
    CHECK(text.find(R"("total_jobs":2)") != text.npos);
    world.clock.pass(1s);
    world.events.turn();
    CHECK(all_of(*stream).empty());
}

TEST_CASE("who waits is woken by a commit") {
    World world;
    const auto stream = world.events.open(kAllTopics, "");
    int woken = 0;
    stream->waker()->set([&] { ++woken; });
    world.run(1, domain::Status::queued);
    CHECK(woken == 1);

    stream->waker()->set({});
    world.run(1, domain::Status::running);
    CHECK(woken == 1);
}

}  // namespace cjv::web

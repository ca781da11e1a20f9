#include "domain/board.h"

#include "support/job.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace cjv::domain {

using namespace std::chrono_literals;
using support::a_job, support::at;

namespace {

std::vector<std::int64_t> numbers(const std::vector<EntryPtr>& entries) {
    std::vector<std::int64_t> all;
    all.reserve(entries.size());
    for (const EntryPtr& entry : entries) all.push_back(entry->number.value);
    return all;
}

}  // namespace

TEST_CASE("an entry is found by number, id and name, and by none of them once it is removed") {
    Board board;
    const EntryPtr entry = a_job().number(7).name("Nightly").entry();
    board.put(entry);

    CHECK(board.find(JobNumber{7}) == entry);
    CHECK(board.find(entry->job->id) == entry);
    CHECK(board.find_by_name("Nightly") == entry);
    CHECK_FALSE(board.find_by_name("nightly"));

    board.remove(JobNumber{7});
    CHECK_FALSE(board.find(JobNumber{7}));
    CHECK_FALSE(board.find(entry->job->id));
    CHECK_FALSE(board.find_by_name("Nightly"));
    CHECK(board.size() == 0);
}

TEST_CASE("jobs in trouble are counted while they are, and only then") {
    Board board;
    Entry entry = *a_job().number(7).entry();
    entry.trouble = Trouble::slots_refused;
    board.put(std::make_shared<const Entry>(entry));
    CHECK(board.counts().in_trouble == 1);

    entry.trouble = Trouble::none;
    board.put(std::make_shared<const Entry>(entry));
    CHECK(board.counts().in_trouble == 0);
}

TEST_CASE("many jobs, some gone, are listed newest first from any place") {
    Board board;
    std::vector<std::int64_t> expected;
    for (std::int64_t number = 1; number <= 1'500; ++number)
        board.put(a_job().number(number).name(std::to_string(number)).entry());
    for (std::int64_t number = 1; number <= 1'500; ++number)
        if (number % 3 == 0 || (number > 400 && number < 1'100)) board.remove(JobNumber{number});
    for (std::int64_t number = 1'500; number > 0; --number)
        if (number % 3 != 0 && (number <= 400 || number >= 1'100)) expected.push_back(number);

    CHECK(board.size() == expected.size());
    CHECK(numbers(board.all()) == expected);
    for (std::size_t offset = 0; offset <= expected.size() + 1; offset += 7) {
        const auto first = expected.begin() + std::ptrdiff_t(std::min(offset, expected.size()));
        const auto last = first + std::min<std::ptrdiff_t>(25, expected.end() - first);
        CHECK(numbers(board.newest(offset, 25)) == std::vector<std::int64_t>(first, last));
    }
    CHECK(board.newest(0, 0).empty());
}

TEST_CASE("a new name replaces the old one") {
    Board board;
    board.put(a_job().number(7).name("old").entry());
    board.put(a_job().number(7).name("new").entry());

    CHECK(board.find_by_name("new"));
    CHECK_FALSE(board.find_by_name("old"));
    CHECK(board.size() == 1);
}

TEST_CASE("two jobs may swap their names") {
    Board board;
    board.put(a_job().number(1).name("a").entry());
    board.put(a_job().number(2).name("b").entry());

    board.put(a_job().number(1).name("b").entry());
    board.put(a_job().number(2).name("a").entry());

    CHECK(board.find_by_name("a")->number == JobNumber{2});
    CHECK(board.find_by_name("b")->number == JobNumber{1});
}

TEST_CASE("lists begin with the newest job") {
    Board board;
    for (const int n : {3, 1, 2}) board.put(a_job().number(n).entry());

    CHECK(numbers(board.all()) == std::vector<std::int64_t>{3, 2, 1});
    CHECK(numbers(board.newest(1, 1)) == std::vector<std::int64_t>{2});
    CHECK(numbers(board.newest(2, 9)) == std::vector<std::int64_t>{1});
    CHECK(board.newest(3, 9).empty());
}

TEST_CASE("what comes next is listed soonest first and ends where it was told to") {
    Board board;
    board.put(a_job().number(1).next(at("05:00")).entry());
    board.put(a_job().number(2).next(at("03:00")).entry());
    board.put(a_job().number(3).next(at("03:00")).entry());
    board.put(a_job().number(4).entry());

    CHECK(numbers(board.upcoming(at("05:00"), 9)) == std::vector<std::int64_t>{2, 3, 1});
    CHECK(numbers(board.upcoming(at("04:59"), 9)) == std::vector<std::int64_t>{2, 3});
    CHECK(numbers(board.upcoming(at("05:00"), 1)) == std::vector<std::int64_t>{2});
}

TEST_CASE("the counts are those of what is on the board, whatever was replaced") {
    Board board;
    board.put(a_job().number(1).last(Status::failed).entry());
    board.put(a_job().number(2).last(Status::failed).entry());
    board.put(a_job().number(3).cron("0 9 * * *").running(1).entry());

    board.put(a_job().number(1).inactive().last(Status::failed).entry());
    board.put(a_job().number(2).last(Status::success).entry());
    board.put(a_job().number(3).cron("0 9 * * *").last(Status::timed_out).entry());

    const BoardCounts counts = board.counts();
    CHECK(counts.total == 3);
    CHECK(counts.active == 2);
    CHECK(counts.running_jobs == 0);
    CHECK(counts.failed_jobs == 1);  // an inactive job is no failure of today
    CHECK(counts.by_status[std::size_t(Status::failed)] == 1);
    CHECK(counts.by_status[std::size_t(Status::success)] == 1);
    CHECK(counts.by_schedule_type[std::size_t(schedule::Type::cron)] == 1);
    CHECK(counts.by_schedule_type[std::size_t(schedule::Type::interval)] == 2);
}

}  // namespace cjv::domain

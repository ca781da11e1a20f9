#include "beat/due.h"

#include <doctest/doctest.h>

#include <algorithm>

#include <map>
#include <random>

namespace cjv::beat {

using namespace std::chrono_literals;

namespace {

Instant at(int seconds) { return Instant{std::chrono::seconds{seconds}}; }

std::vector<std::int64_t> numbers(const std::vector<JobNumber>& jobs) {
    std::vector<std::int64_t> all;
    all.reserve(jobs.size());
    for (const JobNumber job : jobs) all.push_back(job.value);
    return all;
}

}  // namespace

TEST_CASE("jobs that are due come soonest first and stay until they are moved") {
    Due due;
    due.set({1}, at(30));
    due.set({2}, at(10));
    due.set({3}, at(20));

    CHECK(due.soonest() == at(10));
    CHECK(numbers(due.until(at(20), 9)) == std::vector<std::int64_t>{2, 3});
    CHECK(numbers(due.until(at(20), 9)) == std::vector<std::int64_t>{2, 3});
    CHECK(due.until(at(9), 9).empty());

    due.set({2}, at(40));
    CHECK(numbers(due.until(at(99), 2)) == std::vector<std::int64_t>{3, 1});
}

TEST_CASE("a job without a slot is not there") {
    Due due;
    due.set({1}, at(30));
    due.set({1}, std::nullopt);
    due.set({2}, std::nullopt);

    CHECK(due.size() == 0);
    CHECK_FALSE(due.soonest());
}

TEST_CASE("of jobs that are due together the lower number comes first") {
    Due due;
    for (const int job : {5, 3, 9, 1}) due.set({job}, at(10));
    CHECK(numbers(due.until(at(10), 3)) == std::vector<std::int64_t>{1, 3, 5});
}

TEST_CASE("after any history the answers are those of a sorted list") {
    Due due;
    std::map<std::int64_t, int> truth;
    std::mt19937 random(7);  // any number will do
    for (int step = 0; step < 3'000; ++step) {
        const auto job = std::int64_t(random() % 60) + 1;
        if (random() % 4 == 0) {
            due.set({job}, std::nullopt);
            truth.erase(job);
        } else {
            truth[job] = int(random() % 100);
            due.set({job}, at(truth[job]));
        }

        std::vector<std::pair<int, std::int64_t>> sorted;
        sorted.reserve(truth.size());
        for (const auto& [number, slot] : truth) sorted.emplace_back(slot, number);
        std::ranges::sort(sorted);
        std::vector<std::int64_t> expected;
        for (const auto& [slot, number] : sorted)
            if (slot <= 50 && expected.size() < 10) expected.push_back(number);
        REQUIRE(numbers(due.until(at(50), 10)) == expected);
        REQUIRE(due.count(at(50), 10) == expected.size());
        REQUIRE(due.size() == truth.size());
    }
}

}  // namespace cjv::beat

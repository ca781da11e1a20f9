#include "dispatch/fair_queue.h"

#include <doctest/doctest.h>

#include <vector>

namespace cjv::dispatch {
namespace {

RunId run(unsigned number) {
    RunId id;
    id.bytes[15] = static_cast<std::uint8_t>(number);
    return id;
}

std::vector<unsigned> drain(FairQueue& queue) {
    std::vector<unsigned> numbers;
    while (const auto next = queue.pop()) numbers.push_back(next->run.bytes[15]);
    return numbers;
}

TEST_CASE("runs of one job leave in the order in which they came") {
    FairQueue queue;
    for (unsigned number : {3, 1, 2}) queue.push({.run = run(number), .job = {7}});

    CHECK(drain(queue) == std::vector<unsigned>{3, 1, 2});
}

TEST_CASE("a burst of one job does not hold up the others") {
    FairQueue queue;
    for (unsigned number = 1; number <= 5; ++number) queue.push({.run = run(number), .job = {1}});
    queue.push({.run = run(20), .job = {2}});
    queue.push({.run = run(30), .job = {3}});
    queue.push({.run = run(21), .job = {2}});

    CHECK(drain(queue) == std::vector<unsigned>{1, 20, 30, 2, 21, 3, 4, 5});
}

TEST_CASE("a job that comes again waits for its turn") {
    FairQueue queue;
    for (unsigned number : {1, 2, 3}) queue.push({.run = run(number), .job = {1}});
    queue.push({.run = run(20), .job = {2}});

    CHECK(queue.pop()->run == run(1));
    CHECK(queue.pop()->run == run(20));
    queue.push({.run = run(21), .job = {2}});

    CHECK(drain(queue) == std::vector<unsigned>{2, 21, 3});
}

TEST_CASE("a run is in once, however often it is announced") {
    FairQueue queue;
    queue.push({.run = run(1), .job = {1}});
    queue.push({.run = run(1), .job = {1}});

    CHECK(queue.size() == 1);
    CHECK(drain(queue) == std::vector<unsigned>{1});
}

TEST_CASE("a run that was called back does not leave") {
    FairQueue queue;
    for (unsigned number : {1, 2, 3}) queue.push({.run = run(number), .job = {1}});
    queue.push({.run = run(20), .job = {2}});

    queue.remove(run(2));
    queue.remove(run(20));
    queue.remove(run(99));

    CHECK(queue.size() == 2);
    CHECK(drain(queue) == std::vector<unsigned>{1, 3});
}

}  // namespace
}  // namespace cjv::dispatch

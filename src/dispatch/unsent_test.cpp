#include "dispatch/unsent.h"

#include <doctest/doctest.h>

#include <memory>
#include <optional>

namespace cjv::dispatch {
namespace {

using namespace std::chrono_literals;

store::BatchPtr a_batch(const std::string& list, std::int64_t number) {
    auto batch = std::make_shared<store::Batch>();
    batch->list = list;
    batch->number = number;
    batch->items.resize(2);
    return batch;
}

RunId a_run(std::uint8_t n) {
    RunId run{};
    run.bytes[15] = n;
    return run;
}

std::string names(const std::vector<store::BatchPtr>& batches) {
    std::string text;
    for (const auto& batch : batches) text += batch->list + std::to_string(batch->number) + " ";
    return text;
}

}  // namespace

TEST_CASE("batches are next in the order in which they came, of each list in that of its numbers") {
    Unsent unsent;
    for (const auto& batch : {a_batch("a", 1), a_batch("a", 2), a_batch("b", 1), a_batch("a", 3)})
        unsent.put(batch);
    CHECK(names(unsent.next(3)) == "a1 a2 b1 ");
    CHECK(names(unsent.next(9)) == "a1 a2 b1 a3 ");
    CHECK(names(unsent.next_of_each_list(9)) == "a1 b1 ");
    CHECK(names(unsent.next_of_each_list(1)) == "a1 ");
    CHECK(unsent.messages() == 8);
}

TEST_CASE("a list that is refused lets the others pass, and keeps its order") {
    Unsent unsent;
    for (const auto& batch : {a_batch("a", 1), a_batch("a", 2), a_batch("b", 1), a_batch("c", 1)})
        unsent.put(batch);
    unsent.put_last({"a"});
    CHECK(names(unsent.next(9)) == "b1 c1 a1 a2 ");
}

TEST_CASE("what waits is told once, after a while") {
    Unsent unsent;
    unsent.put(a_batch("a", 1));
    const Steady now{};
    CHECK(unsent.overdue(now, 1s).empty());
    unsent.put(a_batch("b", 1));
    CHECK(names(unsent.overdue(now + 1s, 1s)) == "a1 ");
    CHECK(names(unsent.overdue(now + 2s, 1s)) == "b1 ");
    CHECK(unsent.overdue(now + 3s, 1s).empty());
}

TEST_CASE("a message expires at its instant, once its run has not ended otherwise") {
    Unsent unsent;
    auto batch = std::make_shared<store::Batch>();
    const Instant at = Instant{} + 1h;
    for (const auto n : {std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{3}})
        batch->items.push_back(
            {.run = a_run(n), .expires = n == 2 ? std::nullopt : std::optional(at)});
    unsent.put(batch);
    CHECK(unsent.expired(at - 1us).empty());
    CHECK(unsent.expired(at).size() == 2);
    unsent.recall(a_run(1));
    REQUIRE(unsent.expired(at).size() == 1);
    CHECK(unsent.expired(at)[0].run == a_run(3));
}

TEST_CASE("what may have arrived does not expire here, until it is known not to be there") {
    Unsent unsent;
    auto batch = std::make_shared<store::Batch>(store::Batch{.list = "a", .number = 2});
    const Instant at = Instant{} + 1h;
    batch->items.push_back({.run = a_run(1), .expires = at});
    unsent.put(batch);
    unsent.doubt(batch);
    CHECK(unsent.expired(at).empty());
    unsent.trust_beyond({{"a", 2}});
    CHECK(unsent.expired(at).empty());
    unsent.trust_beyond({{"a", 1}});
    CHECK(unsent.expired(at).size() == 1);
}

TEST_CASE("the broker has all, and nobody needs to know any more which runs had ended") {
    Unsent unsent;
    const auto batch = a_batch("a", 1);
    unsent.put(batch);
    unsent.recall(RunId{});
    unsent.remove(batch);
    unsent.remove(batch);
    CHECK(unsent.empty());
    CHECK(unsent.messages() == 0);
    CHECK(unsent.recalled().empty());
}

}  // namespace cjv::dispatch

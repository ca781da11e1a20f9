#include "dispatch/unsent.h"

#include <doctest/doctest.h>

#include <memory>
#include <optional>

namespace cjv::dispatch {
namespace {

using namespace std::chrono_literals;

constexpr Steady kNow{1h};

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
        unsent.put(batch, kNow);
    CHECK(names(unsent.next(3, kNow)) == "a1 a2 b1 ");
    CHECK(names(unsent.next(9, kNow)) == "a1 a2 b1 a3 ");
    CHECK(names(unsent.next_of_each_list(9, kNow)) == "a1 b1 ");
    CHECK(names(unsent.next_of_each_list(1, kNow)) == "a1 ");
    CHECK(unsent.messages() == 8);
}

TEST_CASE("a list that is refused lets the others pass, and keeps its order") {
    Unsent unsent;
    for (const auto& batch : {a_batch("a", 1), a_batch("a", 2), a_batch("b", 1), a_batch("c", 1)})
        unsent.put(batch, kNow);
    unsent.refuse("a", "no", kNow + 1s);
    CHECK(names(unsent.next(9, kNow)) == "b1 c1 ");
    CHECK(names(unsent.next_of_each_list(9, kNow)) == "b1 c1 ");
    CHECK(unsent.refusal() == "no");
    CHECK(names(unsent.next(9, kNow + 1s)) == "a1 b1 c1 ");
    unsent.try_all();
    CHECK(names(unsent.next(9, kNow)) == "a1 b1 c1 ");
    unsent.accept("a");
    CHECK(names(unsent.next(9, kNow)) == "a1 a2 b1 c1 ");
    CHECK(unsent.refusal().empty());
}

TEST_CASE("what waits is told once, after a while") {
    Unsent unsent;
    unsent.put(a_batch("a", 1), kNow);
    const Steady now = kNow;
    CHECK(unsent.overdue(now, 1s).empty());
    unsent.put(a_batch("b", 1), kNow + 1s);
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
    unsent.put(batch, kNow);
    CHECK(unsent.expired(at - 1us).empty());
    CHECK(unsent.expired(at).size() == 2);
    unsent.recall(a_run(1));
    REQUIRE(unsent.expired(at).size() == 1);
    CHECK(unsent.expired(at)[0].run == a_run(3));
    unsent.set_expired_done();
    CHECK(unsent.expired(at).empty());
}

TEST_CASE("of a batch each message expires at its own instant, and what came too late at once") {
    Unsent unsent;
    auto batch = std::make_shared<store::Batch>();
    const Instant at = Instant{} + 1h;
    for (const auto n : {std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{3}})
        batch->items.push_back({.run = a_run(n), .expires = at + n * 1s});
    unsent.put(batch, kNow);
    const auto runs = [&](Instant now) {
        std::vector<RunId> runs;
        for (const auto& one : unsent.expired(now)) runs.push_back(one.run);
        unsent.set_expired_done();
        return runs;
    };
    CHECK(runs(at + 1s) == std::vector{a_run(1)});
    CHECK(runs(at + 1s).empty());
    CHECK(runs(at + 3s) == std::vector{a_run(2), a_run(3)});
    unsent.put(std::make_shared<store::Batch>(
                   store::Batch{.list = "a", .items = {{.run = a_run(4), .expires = at}}}),
               kNow);
    CHECK(runs(at + 3s) == std::vector{a_run(4)});
}

TEST_CASE("what may have arrived does not expire here, until it is known not to be there") {
    Unsent unsent;
    auto batch = std::make_shared<store::Batch>(store::Batch{.list = "a", .number = 2});
    const Instant at = Instant{} + 1h;
    batch->items.push_back({.run = a_run(1), .expires = at});
    unsent.put(batch, kNow);
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
    unsent.put(batch, kNow);
    unsent.recall(RunId{});
    unsent.remove(batch);
    unsent.remove(batch);
    CHECK(unsent.empty());
    CHECK(unsent.messages() == 0);
    CHECK(unsent.recalled().empty());
}

}  // namespace cjv::dispatch

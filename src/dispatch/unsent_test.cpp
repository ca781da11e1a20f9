#include "dispatch/unsent.h"

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

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

// Batches of 1,000 bytes, and room for three in pages of two.
constexpr OutboxRoom kSmall{.all = 3'000, .page = 2'000};

store::BatchPtr a_large_batch(std::int64_t number, std::string list = "a") {
    auto batch = std::make_shared<store::Batch>(
        store::Batch{.list = std::move(list),
                     .number = number,
                     .items = {{.run = a_run(std::uint8_t(number))}}});
    batch->bytes.resize(1'000 - sizeof(store::Batch::Item));
    return batch;
}

TEST_CASE("what there is no room for stays on disk, behind what is in memory, and comes in pages") {
    Unsent unsent(kSmall);
    for (int n = 1; n <= 5; ++n) unsent.put(a_large_batch(n), kNow);
    unsent.put(a_large_batch(1, "b"), kNow);  // each list has one in memory
    CHECK(names(unsent.next(9, kNow)) == "a1 a2 a3 b1 ");
    CHECK(unsent.messages() == 6);
    CHECK(!unsent.page_due(kNow));

    for (int n = 1; n <= 3; ++n) unsent.remove(unsent.next(1, kNow)[0]);
    CHECK(names(unsent.next(9, kNow)) == "b1 ");
    unsent.put(a_large_batch(6), kNow);  // although there is room now: its turn comes
    const auto page = unsent.page_due(kNow);
    REQUIRE(page);
    CHECK(page->list == "a");
    CHECK(page->from == 4);
    unsent.put(a_large_batch(7), kNow);
    unsent.recall(a_run(5));  // it ended while the page was read
    unsent.end_page(*page, {.batches = {a_large_batch(4), a_large_batch(5)}, .ended = {a_run(4)}},
                    kNow);
    CHECK(names(unsent.next(9, kNow)) == "b1 a4 a5 ");
    CHECK(unsent.recalled() == std::unordered_set{a_run(4), a_run(5)});
    CHECK(unsent.messages() == 5);
    CHECK(!unsent.page_due(kNow));

    for (int n = 0; n < 3; ++n) unsent.remove(unsent.next(1, kNow)[0]);
    const auto last = unsent.page_due(kNow);
    REQUIRE(last);
    CHECK(last->from == 6);
    unsent.end_page(*last, {.batches = {a_large_batch(6), a_large_batch(7)}}, kNow);
    CHECK(!unsent.page_due(kNow));
    unsent.put(a_large_batch(8), kNow);
    CHECK(names(unsent.next(9, kNow)) == "a6 a7 a8 ");
}

TEST_CASE("a list that is refused gets no page while it has what to try with, and others do") {
    Unsent unsent(kSmall);
    for (int n = 1; n <= 4; ++n) unsent.put(a_large_batch(n), kNow);
    unsent.put_on_disk({.list = "b", .first = 1, .newest = 2, .messages = 2});
    unsent.refuse("a", "no", kNow + 1s);
    const auto page = unsent.page_due(kNow);
    REQUIRE(page);
    CHECK(page->list == "b");
    unsent.break_page();
    unsent.refuse("b", "cannot be read", kNow + 10s);
    CHECK(!unsent.page_due(kNow));
    CHECK(unsent.page_due(kNow + 10s)->list == "b");
}

TEST_CASE("lists that are refused, however many, take the room and one batch each") {
    Unsent unsent(kSmall);
    for (int i = 0; i < 100; ++i)
        unsent.put_on_disk(
            {.list = "refused " + std::to_string(i), .first = 1, .newest = 50, .messages = 50});
    std::size_t batches = 0, lists = 0;
    while (const auto page = unsent.page_due(kNow)) {
        store::OutboxPage read;
        for (std::size_t bytes = 0; bytes < page->bytes; bytes += 1'000)
            read.batches.push_back(
                a_large_batch(std::int64_t(read.batches.size() + 1), page->list));
        batches += read.batches.size();
        ++lists;
        unsent.end_page(*page, read, kNow);
        unsent.refuse(page->list, "no", kNow + 1s);
    }
    CHECK(lists == 100);
    CHECK(batches <= 3 + 100);
    CHECK(unsent.messages() == 5'000);
}

TEST_CASE("what an earlier server left may have arrived, until the numbers say that it has not") {
    Unsent unsent(kSmall);
    const Instant at = Instant{} + 1h;
    unsent.put_on_disk({.list = "a", .first = 3, .newest = 4, .messages = 2, .expires = at});
    CHECK(unsent.messages() == 2);
    CHECK(unsent.expired_on_disk(at, kNow).empty());
    unsent.trust_beyond({{"a", 3}});
    const auto some = unsent.expired_on_disk(at, kNow);
    REQUIRE(some.size() == 1);
    CHECK(some[0].from == 4);
    unsent.set_expired_done(some[0], at, at + 5s, kNow);
    CHECK(unsent.expired_on_disk(at + 4s, kNow + 1h).empty());
    CHECK(unsent.expired_on_disk(at + 5s, kNow + 9s).empty());  // not each second
    REQUIRE(unsent.expired_on_disk(at + 5s, kNow + 10s).size() == 1);

    const auto page = unsent.page_due(kNow);
    REQUIRE(page);
    const auto third = a_large_batch(3), fourth = a_large_batch(4);
    unsent.end_page(*page, {.batches = {third, fourth}}, kNow);
    CHECK(unsent.is_in_doubt(third));
    CHECK_FALSE(unsent.is_in_doubt(fourth));
}

TEST_CASE("what is put on disk while it is looked at for what expires is looked at anew") {
    Unsent unsent(kSmall);
    const Instant at = Instant{} + 1h;
    unsent.put_on_disk({.list = "a", .first = 1, .newest = 4, .messages = 4, .expires = at});
    unsent.trust_beyond({});
    const auto some = unsent.expired_on_disk(at, kNow);
    REQUIRE(some.size() == 1);
    auto late = std::make_shared<store::Batch>(*a_large_batch(5));
    late->items[0].expires = at - 1s;
    unsent.put(late, kNow);
    unsent.set_expired_done(some[0], at, std::nullopt, kNow);
    const auto again = unsent.expired_on_disk(at, kNow + 10s);
    REQUIRE(again.size() == 1);
    CHECK(again[0].after < at - 1s);
}

TEST_CASE("what waits on disk is told once, after a while") {
    Unsent unsent(kSmall);
    unsent.put_on_disk({.list = "a", .first = 1, .newest = 4, .messages = 4});
    CHECK(unsent.overdue_on_disk(kNow, 1s).empty());
    unsent.put(a_large_batch(5), kNow);
    auto ranges = unsent.overdue_on_disk(kNow + 1s, 1s);
    REQUIRE(ranges.size() == 1);
    CHECK(ranges[0].from == 1);
    CHECK(ranges[0].until == 4);
    unsent.set_told("a", 2);
    CHECK(unsent.overdue_on_disk(kNow + 1s, 1s)[0].from == 3);
    unsent.set_told("a", 4);
    CHECK(unsent.overdue_on_disk(kNow + 1s, 1s).empty());
    CHECK(unsent.overdue_on_disk(kNow + 2s, 1s)[0].until == 5);

    const auto page = unsent.page_due(kNow);
    unsent.end_page(*page,
                    {.batches = {a_large_batch(1), a_large_batch(2), a_large_batch(3),
                                 a_large_batch(4), a_large_batch(5)}},
                    kNow);
    CHECK(names(unsent.overdue(kNow + 1s, 1s)) == "a5 ");
}

}  // namespace cjv::dispatch

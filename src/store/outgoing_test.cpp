#include "store/outgoing.h"

#include <doctest/doctest.h>

#include <utility>

namespace cjv::store {
namespace {

RunId run(int number) {
    RunId id;
    id.bytes[14] = std::uint8_t(number >> 8);
    id.bytes[15] = std::uint8_t(number);
    return id;
}

std::string text(int number) { return "message " + std::to_string(number); }

void add(Outgoing& outgoing, const std::string& list, int from, int until) {
    for (int i = from; i < until; ++i) outgoing.add(list, {.run = run(i)}, text(i));
}

// Each message is its run's, and they are in order.
void check(const Outgoing::Batches& batches, const std::string& list, int from, int until) {
    const auto found = batches.find(list);
    REQUIRE(found != batches.end());
    for (const auto& batch : found->second) {
        CHECK(batch->list == list);
        CHECK(batch->items.size() <= Batch::kMost);
        CHECK(batch->bytes.size() <= Batch::kMostBytes);
        for (const Batch::Item& item : batch->items) {
            CHECK(item.run == run(from));
            CHECK(batch->message(item) == text(from));
            ++from;
        }
    }
    CHECK(from == until);
}

}  // namespace

TEST_CASE("messages go into full batches of their list, in their order") {
    Outgoing outgoing;
    outgoing.expect(1'201);
    add(outgoing, "a", 0, 1'201);
    add(outgoing, "b", 1'201, 1'203);

    const auto batches = outgoing.take();

    CHECK(outgoing.empty());
    CHECK(batches.size() == 2);
    check(batches, "a", 0, 1'201);
    check(batches, "b", 1'201, 1'203);
    CHECK(batches.at("a").size() == 3);
    CHECK(batches.at("a").back()->items.size() == 201);
}

TEST_CASE("what a savepoint adds follows what was there, and fills its last batch") {
    Outgoing below, own;
    add(below, "a", 0, 300);
    add(own, "a", 300, 900);
    add(own, "b", 900, 901);

    below.append(std::move(own));

    CHECK(own.empty());
    const auto batches = below.take();
    check(batches, "a", 0, 900);
    check(batches, "b", 900, 901);
    CHECK(batches.at("a").size() == 2);
}

TEST_CASE("a batch ends before it is too long, and a longer message has one of its own") {
    const std::string half(Batch::kMostBytes / 2, 'x'), more(Batch::kMostBytes + 1, 'y');
    Outgoing outgoing;
    outgoing.expect(500);
    for (const auto* message : {&half, &half, &half, &more, &half})
        outgoing.add("a", {.run = run(1)}, *message);

    const auto batches = outgoing.take();

    std::vector<std::size_t> sizes;
    for (const auto& batch : batches.at("a")) sizes.push_back(batch->items.size());
    CHECK(sizes == std::vector<std::size_t>{2, 1, 1, 1});
}

TEST_CASE(
    "a savepoint's long message does not fit behind what was there, and a short one after it "
    "does") {
    const std::string half(Batch::kMostBytes / 2, 'x'), long_one(Batch::kMostBytes / 2 + 1, 'y');
    Outgoing below, own;
    below.add("a", {.run = run(1)}, half);
    own.add("a", {.run = run(2)}, long_one);
    own.add("a", {.run = run(3)}, "z");

    below.append(std::move(own));

    const auto batches = below.take();
    REQUIRE(batches.at("a").size() == 2);
    const Batch& last = *batches.at("a").back();
    REQUIRE(last.items.size() == 2);
    CHECK(last.message(last.items[0]) == long_one);
    CHECK(last.message(last.items[1]) == "z");
}

TEST_CASE("memory that was expected to be needed and was not is given back") {
    Outgoing outgoing;
    outgoing.expect(500);
    const std::string message(1'000, 'x');
    for (int i = 0; i < 20; ++i) outgoing.add("a", {.run = run(i)}, message);

    const auto batches = outgoing.take();
    const Batch& batch = *batches.at("a").front();
    CHECK(batch.bytes.capacity() <= 2 * batch.bytes.size());
    CHECK(batch.items.capacity() <= 2 * batch.items.size());
}

}  // namespace cjv::store

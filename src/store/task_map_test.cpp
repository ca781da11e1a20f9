#include "store/task_map.h"

#include <doctest/doctest.h>

#include <map>
#include <random>
#include <vector>

namespace cjv::store {
namespace {

RunId run_of(int n) {
    RunId id;
    id.bytes[0] = std::uint8_t(1 + n % 200);
    id.bytes[1] = std::uint8_t(n / 200);
    return id;
}

std::string task_of(int n) {
    Uuid id;
    id.bytes[15] = std::uint8_t(n);
    id.bytes[14] = std::uint8_t(n >> 8);
    id.bytes[0] = std::uint8_t(n * 37);
    // A few are not UUIDs.
    return n % 10 == 0 ? "task " + std::to_string(n) : to_text(id);
}

TEST_CASE("whatever is put in, replaced and erased, it says what a map says") {
    std::mt19937 random(3);
    const auto pick = [&](int most) { return int(random() % unsigned(most)); };
    TaskMap map;
    std::map<std::string, RunId> expected;
    for (int step = 0; step < 200'000; ++step) {
        const std::string task = task_of(pick(3'000));
        switch (pick(3)) {
            case 0: {
                const RunId run = run_of(pick(5'000));
                map.put(task, run);
                expected[task] = run;
                break;
            }
            case 1:
                map.erase(task);
                expected.erase(task);
                break;
            default: {
                const auto at = expected.find(task);
                REQUIRE(map.find(task) ==
                        (at == expected.end() ? std::nullopt : std::optional(at->second)));
            }
        }
        REQUIRE(map.size() == expected.size());
    }

    auto sorted = map.take_sorted();
    CHECK(map.empty());
    CHECK_FALSE(map.find(expected.begin()->first));
    REQUIRE(sorted.size() == expected.size());
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        const std::string task = sorted.task_id(i);
        REQUIRE(sorted.run(i) == expected.at(task));
        REQUIRE(sorted.find(task) == expected.at(task));
        const bool is_of_a_kind =
            i == 0 || task.starts_with("task") == sorted.task_id(i - 1).starts_with("task");
        if (i > 0 && is_of_a_kind) REQUIRE(sorted.task_id(i - 1) < task);
    }
    sorted.forget(expected.begin()->first);
    CHECK_FALSE(sorted.find(expected.begin()->first));
    CHECK(sorted.size() == expected.size());
}

TEST_CASE("an id in capital letters is another task") {
    TaskMap map;
    map.put("6f1e1c62-3ad5-4c8a-9a6c-0d8e5a3c7b11", run_of(1));
    map.put("6F1E1C62-3AD5-4C8A-9A6C-0D8E5A3C7B11", run_of(2));
    CHECK(map.find("6f1e1c62-3ad5-4c8a-9a6c-0d8e5a3c7b11") == run_of(1));
    CHECK(map.find("6F1E1C62-3AD5-4C8A-9A6C-0D8E5A3C7B11") == run_of(2));
    CHECK(map.size() == 2);
}

}  // namespace
}  // namespace cjv::store

// Lives through many worlds. `sim_test --seed 17` lives through one of them and tells its story's
// end, `sim_test --tasks --seed 17` through one with a broker; `sim_test --seeds 100000` is for a long night.

#define DOCTEST_CONFIG_IMPLEMENT
#include "world.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace cjv::sim {
namespace {

std::uint64_t first_seed = 1, seeds = 500;

std::string told(std::uint64_t seed, Kinds kinds, const Life& life) {
    std::string text = fmt::format("seed {}, trace {:016x}\n", seed, life.trace);
    for (const std::string& violation : life.violations) text += "    " + violation + "\n";
    if (!life.violations.empty())
        text += fmt::format("    again: sim_test {}--seed {}\n",
                            kinds == Kinds::tasks_too ? "--tasks " : "", seed);
    return text;
}

// Calls `each` for every seed, on as many threads as there are processors. It may be called by
// several at a time.
template <class Each>
void for_all_seeds(Each each) {
    std::atomic<std::uint64_t> next = first_seed;
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i)
        threads.emplace_back([&] {
            for (std::uint64_t seed = next++; seed < first_seed + seeds; seed = next++) each(seed);
        });
}

constexpr int kMutants = 16;

// In how many of as many worlds the mutant broke which invariant.
std::map<std::string, int> caught(Kinds kinds, Mutant mutant,
                                  BrokerMutant broker_mutant = BrokerMutant::none) {
    std::map<std::string, int> worlds;
    for (std::uint64_t seed = 1; seed <= kMutants; ++seed) {
        std::set<std::string> broken;
        for (const std::string& violation : live(seed, kinds, mutant, broker_mutant).violations)
            broken.insert(violation.substr(0, violation.find(' ')));
        for (const std::string& invariant : broken) ++worlds[invariant];
    }
    return worlds;
}

// Lives through all seeds, and says how often what happened.
std::map<std::string, std::int64_t> survey(Kinds kinds) {
    std::mutex mutex;
    std::string failures;
    std::map<std::string, std::int64_t> seen;
    for_all_seeds([&](std::uint64_t seed) {
        const Life life = live(seed, kinds);
        const std::scoped_lock lock(mutex);
        for (const auto& [what, count] : life.seen) seen[what] += count;
        if (!life.violations.empty()) failures += told(seed, kinds, life);
    });

    INFO(failures);
    CHECK(failures.empty());
    std::string counts;
    for (const auto& [what, count] : seen) counts += fmt::format("{} {}, ", count, what);
    MESSAGE(seeds << " worlds: " << counts);
    return seen;
}

// The worlds are alive, and have what the promises are about.
void check_seen(std::map<std::string, std::int64_t>& seen,
                std::initializer_list<const char*> events) {
    for (const char* what : events) {
        CAPTURE(what);
        CHECK(seen[what] >= std::int64_t(seeds) / 10);
    }
}

}  // namespace

TEST_CASE("no seed finds a slot forgotten, doubled, early or out of order") {
    auto seen = survey(Kinds::commands);
    check_seen(seen, {"schedule",
                      "catch_up",
                      "manual",
                      "decided before its second",
                      "waits",
                      "missed server_down",
                      "missed stalled",
                      "skipped overlap",
                      "skipped buffer_full",
                      "success",
                      "failed",
                      "cancelled",
                      "lost",
                      "edit",
                      "start",
                      "crash in a commit",
                      "failed turn",
                      "set back",
                      "refused",
                      "set aside after its cure",
                      "at start",
                      "before its start",
                      "after its end"});
}

TEST_CASE("no seed finds a message lost, or pushed twice within one life of the broker's data") {
    auto seen = survey(Kinds::tasks_too);
    check_seen(seen, {"schedule", "waits", "success", "lost", "cancelled", "edit",
                      "crash in a commit", "set back", "pushed", "pushed once more", "run twice",
                      "lost answer", "slow broker", "broker without data", "flushed broker",
                      "nothing bound", "undeliverable", "expired", "pushed without scripts"});
}

TEST_CASE("the same seed lives the same life") {
    for (const Kinds kinds : {Kinds::commands, Kinds::tasks_too})
        for (std::uint64_t seed = 1; seed <= 10; ++seed) {
            CAPTURE(seed);
            CHECK(live(seed, kinds).trace == live(seed, kinds).trace);
        }
    CHECK(live(1, Kinds::commands).trace != live(2, Kinds::commands).trace);
}

TEST_CASE("a cursor that is moved before its decision is noticed as a slot forgotten") {
    CHECK(caught(Kinds::commands, Mutant::cursor_before_decision)["I-01"] > kMutants / 2);
}

TEST_CASE("a slot that is decided twice after a crash is noticed, and so is its cursor") {
    auto worlds = caught(Kinds::commands, Mutant::decided_twice);
    CHECK(worlds["I-02"] > kMutants / 2);
    CHECK(worlds["I-07"] > kMutants / 2);
}

TEST_CASE("a job whose decisions are refused and that holds up the others is noticed") {
    // In 250 worlds of 400: in the others no decision was refused while another was due.
    CHECK(caught(Kinds::commands, Mutant::neighbours_wait)["I-29"] > kMutants / 4);
}

TEST_CASE("a run before its time is noticed") {
    CHECK(caught(Kinds::commands, Mutant::early_run)["I-10"] > kMutants / 2);
}

TEST_CASE("a broker that pushes again what is sent again is noticed") {
    CHECK(caught(Kinds::tasks_too, Mutant::none, BrokerMutant::compares_nothing)["I-02"] >
          kMutants / 2);
}

TEST_CASE("messages that are gone without anybody noticing are noticed as runs that do not end") {
    // In many worlds nothing that had not been taken was there to be lost.
    CHECK(caught(Kinds::tasks_too, Mutant::none, BrokerMutant::loses_in_silence)["I-31"] >
          kMutants / 4);
}

}  // namespace cjv::sim

int main(int argc, char** argv) {
    using namespace cjv::sim;
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);  // its one lock would hold up all threads
    Kinds kinds = Kinds::commands;
    for (int i = 1; i + 1 < argc; ++i) {
        if (std::strcmp(argv[i], "--tasks") == 0) kinds = Kinds::tasks_too;
        if (std::strcmp(argv[i], "--seeds") == 0) seeds = std::strtoull(argv[i + 1], nullptr, 10);
        if (std::strcmp(argv[i], "--from") == 0)
            first_seed = std::strtoull(argv[i + 1], nullptr, 10);
        if (std::strcmp(argv[i], "--seed") != 0) continue;
        const std::uint64_t seed = std::strtoull(argv[i + 1], nullptr, 10);
        const Life life = live(seed, kinds);
        fmt::print("{}", told(seed, kinds, life));
        for (const auto& [what, count] : life.seen) fmt::print("    {} {}\n", count, what);
        return life.violations.empty() ? 0 : 1;
    }
    if (const char* text = std::getenv("CJV_SIM_SEEDS")) seeds = std::strtoull(text, nullptr, 10);
    return doctest::Context(argc, argv).run();
}

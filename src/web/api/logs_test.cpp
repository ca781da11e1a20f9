#include "web/api/logs.h"

#include "support/web.h"
#include "web/api/output.h"

#include <doctest/doctest.h>

namespace cjv::web {
namespace {

using support::a_job;
using support::must;

constexpr std::size_t kChunk = 64 * 1024;
constexpr int kChunks = 48;  // 3 MiB

struct World : support::WebWorld {
    domain::Run run = ask(create(a_job().name("shop till")));
    std::string id = to_text(run.id);
    std::string printed;

    World() { must(store->commit_queued({&run.id, 1})); }

    void print() {
        for (int i = 0; i < kChunks; ++i) {
            const std::string bytes(kChunk, char('a' + i % 26));
            store->observe_output(
                {.run = run.id,
                 .chunks = {{.at = clock.now(), .offset = printed.size(), .bytes = bytes}},
                 .printed = printed.size() + bytes.size()});
            printed += bytes;
        }
        turn();
    }
    void end() {
        store->observe_ended({.run = run.id, .at = clock.now(), .output_size = printed.size()});
        turn();
    }
    Response output(std::string_view range = {}) {
        Request asked = request(Method::get);
        asked.value = id;
        if (!range.empty()) asked.headers.push_back({"Range", range});
        return show_output(asked, context);
    }
    std::string found(const std::string& name, const std::string& value) {
        Request asked = request(Method::get);
        asked.query = {{name, value}};
        const Response response = list_logs(asked, context);
        REQUIRE(response.status == 200);
        return response.body.substr(0, response.body.find(','));
    }
};

}  // namespace

TEST_CASE("a long output is never held whole: it is read as the other end takes it") {
    World world;
    world.print();
    world.end();

    const Response response = world.output();

    CHECK(response.body.empty());
    REQUIRE(response.pieces);
    CHECK(response.pieces->size == world.printed.size());
    std::string all;
    for (auto piece = response.pieces->next(); piece && !piece->empty();
         piece = response.pieces->next()) {
        CHECK(piece->size() <= 5 * kChunk);
        all += *piece;
    }
    CHECK(all == world.printed);
}

TEST_CASE("a range of a long output is the same bytes, wherever it begins and ends") {
    World world;
    world.print();
    world.end();
    const std::size_t size = world.printed.size();
    for (const auto& [first, last] : {std::pair{std::size_t(0), std::size_t(0)},
                                      {kChunk - 1, kChunk},
                                      {5 * kChunk + 7, size - 1},
                                      {size - 1, size - 1},
                                      {3, 9 * kChunk}}) {
        const Response response =
            world.output("bytes=" + std::to_string(first) + "-" + std::to_string(last));
        CHECK(response.status == 206);
        CHECK(response.pieces->size == last - first + 1);
        CHECK(world.body_of(response) == world.printed.substr(first, last - first + 1));
    }
}

TEST_CASE("of a run that goes on comes what it has printed until then, without a length") {
    World world;
    world.print();

    const Response response = world.output("bytes=1-2");
    REQUIRE(response.pieces);
    CHECK(response.status == 200);
    CHECK_FALSE(response.pieces->size);
    const std::string before = world.printed;
    world.print();

    CHECK(world.body_of(response) == before);
}

TEST_CASE("output that is cleaned up while it is sent ends early, and is not made up") {
    World world;
    world.print();
    world.end();
    const Response response = world.output();
    REQUIRE(response.pieces->next());

    world.clock.pass(std::chrono::days{2});
    while (must(world.store->clean_up_slice(world.clock.now())) > 0) continue;

    std::optional<std::string> piece;
    do piece = response.pieces->next();
    while (piece && !piece->empty());
    CHECK_FALSE(piece);
}

TEST_CASE("a search finds the runs of deleted jobs, by name and by task") {
    World world;
    world.end();
    must(world.store->delete_job(world.run.job, 0, {}));

    CHECK(world.found("search", "SHOP") == R"({"count":1)");
    CHECK(world.found("task", "true") == R"({"count":1)");
    CHECK(world.found("search", "shop gone") == R"({"count":0)");
}

}  // namespace cjv::web

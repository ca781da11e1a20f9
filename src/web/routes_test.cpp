#include "web/route.h"

#include <doctest/doctest.h>

#include <cctype>
#include <fstream>
#include <set>
#include <string>

namespace cjv::web {
namespace {

// "GET /api/users/" of each operation below `paths:`. Enough YAML for that: a path is indented by two blanks, its
// methods by four.
std::set<std::string> operations_of(std::istream& yaml) {
    const std::set<std::string> methods{"get", "put", "post", "delete", "options", "head", "patch"};
    std::set<std::string> found;
    std::string path;
    bool is_inside = false;
    for (std::string line; std::getline(yaml, line);) {
        if (!line.empty() && line[0] != ' ') is_inside = line == "paths:";
        if (!is_inside || !line.ends_with(':')) continue;
        const auto indent = line.find_first_not_of(' ');
        const std::string key = line.substr(indent, line.size() - indent - 1);
        if (indent == 2) path = key;
        if (indent != 4 || !methods.contains(key)) continue;
        std::string method = key;
        for (char& letter : method)
            letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
        found.insert(method + " " + path);
    }
    return found;
}

std::set<std::string> without(const std::set<std::string>& all,
                              const std::set<std::string>& these) {
    std::set<std::string> rest = all;
    for (const std::string& one : these) rest.erase(one);
    return rest;
}

}  // namespace

TEST_CASE("the program answers exactly the operations that openapi.yaml has") {
    std::ifstream yaml(CJV_GOLDEN "/../../docs/reference/openapi.yaml");
    const std::set<std::string> documented = operations_of(yaml);
    std::set<std::string> served;
    for (const Route& route : routes())
        served.insert(std::string(to_text(route.method)) + " " + std::string(route.pattern));

    REQUIRE(served.size() == routes().size());
    REQUIRE(documented.size() > 20);
    CHECK(without(served, documented) == std::set<std::string>{});  // served, not documented
    CHECK(without(documented, served) == std::set<std::string>{});  // documented, not served
}

TEST_CASE("only what is short whoever asks is made on the thread of the sockets") {
    const auto served = [](std::string_view pattern, Request request) {
        for (const Route& route : routes())
            if (route.method == Method::get && route.pattern == pattern)
                return route.depends ? route.depends(request) : route.served;
        FAIL(pattern);
        return Served::stream;
    };
    Request plain, series, window;
    series.query = {{"series", "1"}};
    window.query = {{"hours", "87840"}};
    CHECK(served("/api/cron-jobs/statistics/", plain) == Served::inline_);
    CHECK(served("/api/cron-jobs/statistics/", series) == Served::pooled);
    CHECK(served("/api/cron-jobs/statistics/", window) == Served::pooled);
    CHECK(served("/api/cron-jobs/{id}/next_runs/", plain) == Served::pooled);
}

}  // namespace cjv::web

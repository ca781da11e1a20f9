#include "store/observation_line.h"

#include <doctest/doctest.h>

#include <string>

namespace cjv::store {
namespace {

std::vector<Observation> tell(std::initializer_list<const char*> tasks) {
    std::vector<Observation> all;
    for (const char* task : tasks) all.push_back(TaskNews{.task_id = task});
    return all;
}

std::string told(const ObservationLine& line) {
    std::string text;
    for (std::size_t i = 0; i < line.size(); ++i) text += subject_of(line[i]);
    return text;
}

TEST_CASE("observations leave in the order in which they came, and pieces come before the rest") {
    ObservationLine line;
    CHECK(line.empty());
    auto more = tell({"a", "b"});
    line.append(more);
    CHECK(more.empty());
    line.pop_front();
    more = tell({"c"});
    line.append(more);
    CHECK(more.empty());
    line.push_back(TaskNews{.task_id = "d"});
    CHECK(told(line) == "bcd");

    line.pop_front();
    line.push_front(tell({"x", "y"}));
    CHECK(told(line) == "xycd");
    CHECK(subject_of(line.front()) == "x");

    while (!line.empty()) line.pop_front();
    CHECK(line.size() == 0);
    more = tell({"e"});
    line.append(more);
    CHECK(more.empty());
    CHECK(told(line) == "e");
}

TEST_CASE(
    "a line that is never empty keeps no room for those that are gone, and a flood's is given "
    "back") {
    ObservationLine line;
    auto more = tell({"first"});
    line.append(more);
    for (int i = 0; i < 100'000; ++i) {
        more = tell({"next"});
        line.append(more);
        line.pop_front();
    }
    CHECK(line.size() == 1);
    CHECK(line.capacity() < 100);

    more = std::vector<Observation>(50'000, TaskNews{.task_id = "flood"});
    line.append(more);
    CHECK(line.capacity() > 50'000);
    while (!line.empty()) line.pop_front();
    CHECK(line.capacity() == 0);
    std::vector<Observation> flood(50'000, TaskNews{.task_id = "flood"});
    line.push_back(TaskNews{.task_id = "waits"});
    line.append(flood);
    CHECK(flood.capacity() == 0);
}

}  // namespace
}  // namespace cjv::store

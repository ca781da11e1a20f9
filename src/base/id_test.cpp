#include "base/id.h"

#include <doctest/doctest.h>

#include <type_traits>

namespace cjv {

TEST_CASE("a UUID written and read again is the same, in either case") {
    const auto id = parse_uuid("0191E0C4-8a70-8001-8000-00ff0000000a");
    REQUIRE(id);
    CHECK(to_text(*id) == "0191e0c4-8a70-8001-8000-00ff0000000a");
}

TEST_CASE("a text that is not a UUID names nothing") {
    CHECK_FALSE(parse_uuid(""));
    CHECK_FALSE(parse_uuid("0191e0c48a7080018000000500000000"));
    CHECK_FALSE(parse_uuid("0191e0c4-8a70-8001-8000-00050000000g"));
    CHECK_FALSE(parse_uuid("0191e0c4+8a70-8001-8000-000500000000"));
}

TEST_CASE("a job's number cannot be passed where a user's is asked for") {
    CHECK_FALSE(std::is_convertible_v<JobNumber, UserNumber>);
    CHECK_FALSE(std::is_convertible_v<Uuid, RunId>);
}

}  // namespace cjv

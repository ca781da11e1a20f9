#include "store/bloom_filter.h"

#include <doctest/doctest.h>

#include <string>

namespace cjv::store {
namespace {

TEST_CASE("what was added is known, and of the rest nearly all is not") {
    BloomFilter filter;
    CHECK_FALSE(filter.may_have("a"));
    for (int i = 0; i < 300'000; ++i) filter.add("task " + std::to_string(i));
    for (int i = 0; i < 300'000; ++i) REQUIRE(filter.may_have("task " + std::to_string(i)));

    int mistaken = 0;
    for (int i = 0; i < 100'000; ++i) mistaken += filter.may_have("other " + std::to_string(i));
    CHECK(mistaken < 100);
}

}  // namespace
}  // namespace cjv::store

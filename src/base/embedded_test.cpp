#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "base/embedded.h"
#include "embedded/nothing.h"
#include "embedded/sample.h"

namespace cjv {
namespace {

std::string on_disk(std::string_view name) {
    std::ifstream file(std::string(CJV_GOLDEN "/embedded/").append(name), std::ios::binary);
    REQUIRE(file.is_open());
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST_CASE("every file of an embedded folder is in the program, sorted by name") {
    std::string names;
    for (const EmbeddedFile& file : sample_files()) names.append(file.name).append(" ");

    CHECK(names == "README.md deep/bytes.bin empty hello.txt ");
}

TEST_CASE("an embedded file has the bytes that it has on disk, and no NUL after them") {
    for (const EmbeddedFile& file : sample_files()) {
        CAPTURE(file.name);
        CHECK(file.bytes == on_disk(file.name));
    }
}

TEST_CASE("embedding no folder gives an empty table") { CHECK(nothing_files().empty()); }

}  // namespace
}  // namespace cjv

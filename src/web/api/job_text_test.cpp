#include "web/api/job_text.h"

#include <doctest/doctest.h>

#include "support/job.h"

namespace cjv::web {

TEST_CASE("the text of a definition is kept for as long as the job is the same") {
    JobTexts texts;
    const auto entry = support::JobBuilder().name("old").entry();
    const auto first = texts.definition(entry->job);
    CHECK(first->starts_with(R"("id":")"));
    CHECK(first->find(R"("name":"old")") != std::string::npos);
    CHECK(texts.definition(entry->job).get() == first.get());
}

TEST_CASE("an edit of a job is seen in its text at once") {
    JobTexts texts;
    const auto before = support::JobBuilder().name("old").entry();
    const auto after = support::JobBuilder().name("new").entry();
    REQUIRE(before->job->id == after->job->id);
    texts.definition(before->job);
    CHECK(texts.definition(after->job)->find(R"("name":"new")") != std::string::npos);
    CHECK(texts.definition(before->job)->find(R"("name":"old")") != std::string::npos);
}

}  // namespace cjv::web

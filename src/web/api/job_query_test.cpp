#include "web/api/job_query.h"

#include <doctest/doctest.h>

#include <map>

namespace cjv::web {
namespace {

using Texts = std::map<std::string, std::string>;

Parameter from(Texts texts) {
    return [texts = std::move(texts)](std::string_view name) -> std::optional<std::string> {
        const auto at = texts.find(std::string(name));
        if (at == texts.end()) return std::nullopt;
        return at->second;
    };
}

domain::User amara() {
    domain::User user;
    user.number = {7};
    user.username = "amara";
    return user;
}

std::string owner_name(UserNumber number) { return number.value == 7 ? "amara" : "li"; }

// Three jobs: 1 "close day" of amara, failed, due at 300; 2 "mail" of li, due at 100; 3 "archive", never due.
void fill(domain::Board& board) {
    const auto put = [&](std::int64_t number, const char* name, std::int64_t owner,
                         std::optional<std::int64_t> due, domain::Status status, bool active) {
        domain::Job job;
        job.id.bytes[15] = std::uint8_t(number);
        job.name = name;
        job.task = std::string("/bin/") + name;
        job.owner = {owner};
        job.is_active = active;
        if (number == 2) job.tags = {"billing", "night"};
        domain::Entry entry{.number = {number}, .job = std::make_shared<const domain::Job>(job)};
        if (due) entry.next_slot = instant_from_micros(*due);
        entry.last_status = status;
        board.put(std::make_shared<const domain::Entry>(entry));
    };
    put(1, "close day", 7, 300, domain::Status::failed, true);
    put(2, "mail", 8, 100, domain::Status::success, true);
    put(3, "archive", 8, std::nullopt, domain::Status::pending, false);
}

std::string names(const Texts& texts, std::size_t offset = 0, std::size_t limit = 25) {
    domain::Board board;
    fill(board);
    const auto query = read_job_query(from(texts), amara(),
                                      [](std::string_view name) -> std::optional<domain::User> {
                                          if (name != "li") return std::nullopt;
                                          domain::User li;
                                          li.number = {8};
                                          return li;
                                      });
    if (!query) return "refused: " + query.error().fields.at(0).path;
    std::string text;
    for (const auto& entry : select_jobs(board, *query, offset, limit, owner_name).entries)
        text += (text.empty() ? "" : ", ") + entry->job->name;
    return text;
}

}  // namespace

TEST_CASE("without a question the newest job comes first") {
    CHECK(names({}) == "archive, mail, close day");
    CHECK(names({}, 1, 1) == "mail");
    CHECK(names({{"unheard_of", "1"}}) == "archive, mail, close day");
}

TEST_CASE("a search finds words in any of name, task, tags and owner, all of them") {
    CHECK(names({{"search", "MAIL"}}) == "mail");
    CHECK(names({{"search", "amara"}}) == "close day");
    CHECK(names({{"search", "night li"}}) == "mail");
    CHECK(names({{"search", "night amara"}}) == "");
}

TEST_CASE("a filter takes several values with commas between") {
    CHECK(names({{"status", "failed,success"}}) == "mail, close day");
    CHECK(names({{"is_active", "false"}}) == "archive");
    CHECK(names({{"owner", "me"}}) == "close day");
    CHECK(names({{"owner", "li"}, {"tag", "billing,none"}}) == "mail");
    CHECK(names({{"owner", "nobody"}}) == "");
}

TEST_CASE("an unknown value of a known filter is refused by the parameter's name") {
    CHECK(names({{"status", "sleeping"}}) == "refused: status");
    CHECK(names({{"ordering", "colour"}}) == "refused: ordering");
    CHECK(names({{"is_active", "perhaps"}}) == "refused: is_active");
}

TEST_CASE("an order puts what is absent last, whichever way it goes") {
    CHECK(names({{"ordering", "next_run_at"}}) == "mail, close day, archive");
    CHECK(names({{"ordering", "-next_run_at"}}) == "close day, mail, archive");
    CHECK(names({{"ordering", "owner,-name"}}) == "close day, mail, archive");
    CHECK(names({{"ordering", "name"}}, 1, 1) == "close day");
}

}  // namespace cjv::web

#pragma once
// Which jobs a list shows, and in which order: search, filters and ordering over the board.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "domain/board.h"
#include "domain/user.h"

namespace cjv::web {

enum class JobKey : std::uint8_t {
    name,
    next_run_at,
    last_run_at,
    created_at,
    updated_at,
    priority,
    owner,
    last_status
};

struct JobQuery {
    std::vector<std::string> words;  // of `search`, folded; all must occur
    std::vector<domain::Status> statuses;
    std::vector<schedule::Type> schedule_types;
    std::vector<domain::Kind> kinds;
    std::optional<bool> is_active;
    std::vector<UserNumber> owners;
    bool no_owner_matches = false;  // an owner was asked for whom nobody knows: the list is empty
    std::vector<std::string> tags, tasks;
    struct Order {
        JobKey key = JobKey::created_at;
        bool descending = false;
    };
    std::vector<Order> ordering;  // empty: newest first

    // The board's own order and every job: answered without a look at each.
    bool is_plain() const;
};

// Looks a parameter up; nothing when it is not there. Several values stand with commas between.
using Parameter = std::function<std::optional<std::string>(std::string_view name)>;
// Finds a person by name or by number.
using FindUser = std::function<std::optional<domain::User>(std::string_view name_or_number)>;

// `bad_input` for an unknown value of a known filter or ordering, with the parameter's name. `me` is who asks.
Result<JobQuery> read_job_query(const Parameter& parameter, const domain::User& me,
                                const FindUser& find_user);

struct JobSelection {
    std::vector<domain::EntryPtr> entries;  // of the page
    std::size_t count = 0;                  // of all that match
};

// `owner_name` serves search and ordering. Ties by number, newest first; what is absent stands last.
JobSelection select_jobs(const domain::Board& board, const JobQuery& query, std::size_t offset,
                         std::size_t limit,
                         const std::function<std::string(UserNumber)>& owner_name);

// Lower case of ASCII letters, other bytes as they are: the same on both sides of a search.
std::string fold_case(std::string_view text);

}  // namespace cjv::web

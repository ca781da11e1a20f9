#pragma once
// Why a text is not a schedule: enough to underline the piece and to say what would be right.

#include <expected>
#include <string>

namespace cjv::schedule {

struct Refusal {
    std::string field = {};    // "hour"; empty: the text as a whole
    int column = 0;            // 1-based, in characters; 0: the text as a whole
    std::string code = {};     // from the closed list of docs/reference/schedule.md
    std::string message = {};  // "25 is out of range 0-23"
    std::string hint = {};
    std::string suggest = {};  // a schedule text that would be right; empty: nothing clear
};

template <class T>
using Parsed = std::expected<T, Refusal>;

// "hour field, column 3: 25 is out of range 0-23; write 1": the same words in API, CLI and form.
std::string sentence(const Refusal& refusal);

}  // namespace cjv::schedule

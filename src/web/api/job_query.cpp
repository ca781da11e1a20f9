#include "web/api/job_query.h"

#include <algorithm>
#include <charconv>
#include <compare>
#include <unordered_map>

namespace cjv::web {
namespace {

using domain::Entry;
using domain::EntryPtr;

std::vector<std::string> split(std::string_view text, char at) {
    std::vector<std::string> parts;
    while (true) {
        const auto end = text.find(at);
        if (end != 0 && !text.empty()) parts.emplace_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

std::unexpected<Error> unknown(std::string_view parameter, std::string_view value) {
    return refuse(
        std::string(parameter), "invalid_choice",
        "Select a valid choice. " + std::string(value) + " is not one of the available choices.");
}

// Reads a comma-separated list of words of the domain: `read` knows them.
template <class T, class Read>
Result<std::vector<T>> read_choices(const Parameter& parameter, std::string_view name, Read read) {
    std::vector<T> choices;
    const auto text = parameter(name);
    if (!text) return choices;
    for (const std::string& word : split(*text, ',')) {
        const std::optional<T> choice = read(word);
        if (!choice) return unknown(name, word);
        choices.push_back(*choice);
    }
    return choices;
}

Result<std::optional<bool>> read_yes_no(const Parameter& parameter, std::string_view name) {
    const auto text = parameter(name);
    if (!text || text->empty()) return std::optional<bool>{};
    const std::string folded = fold_case(*text);
    if (folded == "true" || folded == "1") return std::optional(true);
    if (folded == "false" || folded == "0") return std::optional(false);
    return unknown(name, *text);
}

std::optional<JobKey> job_key(std::string_view word) {
    static constexpr std::pair<std::string_view, JobKey> kKeys[] = {
        {"name", JobKey::name},
        {"next_run_at", JobKey::next_run_at},
        {"last_run_at", JobKey::last_run_at},
        {"created_at", JobKey::created_at},
        {"updated_at", JobKey::updated_at},
        {"priority", JobKey::priority},
        {"owner", JobKey::owner},
        {"last_status", JobKey::last_status}};
    for (const auto& [name, key] : kKeys)
        if (name == word) return key;
    return std::nullopt;
}

template <class T>
bool holds(const std::vector<T>& wanted, const T& value) {
    return wanted.empty() || std::ranges::find(wanted, value) != wanted.end();
}

// A match anywhere, without making a folded copy of the text.
bool contains_folded(std::string_view text, std::string_view folded_word) {
    const auto same = [](char a, char b) {
        return (a >= 'A' && a <= 'Z' ? char(a + ('a' - 'A')) : a) == b;
    };
    return std::search(text.begin(), text.end(), folded_word.begin(), folded_word.end(), same) !=
           text.end();
}

using OwnerName = std::function<std::string(UserNumber)>;

bool matches_word(const domain::Job& job, const std::string& word, const OwnerName& owner_name) {
    if (contains_folded(job.name, word) || contains_folded(job.task, word) ||
        contains_folded(job.description, word))
        return true;
    for (const std::string& tag : job.tags)
        if (contains_folded(tag, word)) return true;
    return contains_folded(owner_name(job.owner), word);
}

bool matches(const Entry& entry, const JobQuery& query, const OwnerName& owner_name) {
    const domain::Job& job = *entry.job;
    if (query.is_active && job.is_active != *query.is_active) return false;
    if (!holds(query.statuses, shown_status(entry))) return false;
    if (!holds(query.schedule_types, job.schedule_type)) return false;
    if (!holds(query.kinds, job.kind)) return false;
    if (!holds(query.owners, job.owner)) return false;
    if (!holds(query.tasks, job.task)) return false;
    if (!query.tags.empty() && std::ranges::none_of(query.tags, [&](const std::string& tag) {
            return std::ranges::find(job.tags, tag) != job.tags.end();
        }))
        return false;
    return std::ranges::all_of(
        query.words, [&](const std::string& word) { return matches_word(job, word, owner_name); });
}

// Absent values stand last, whichever way the order goes.
std::weak_ordering compare(const std::optional<Instant>& a, const std::optional<Instant>& b,
                           bool descending) {
    if (!a || !b) return b.has_value() <=> a.has_value();
    return descending ? *b <=> *a : *a <=> *b;
}

template <class T>
std::weak_ordering compare(const T& a, const T& b, bool descending) {
    return descending ? b <=> a : a <=> b;
}

std::weak_ordering compare(const Entry& a, const Entry& b, const JobQuery::Order& order,
                           const OwnerName& owner_name) {
    const domain::Job &x = *a.job, &y = *b.job;
    switch (order.key) {
        case JobKey::name: return compare(x.name, y.name, order.descending);
        case JobKey::next_run_at: return compare(a.next_slot, b.next_slot, order.descending);
        case JobKey::last_run_at: return compare(a.last_run_at, b.last_run_at, order.descending);
        case JobKey::created_at: return compare(x.created_at, y.created_at, order.descending);
        case JobKey::updated_at: return compare(x.updated_at, y.updated_at, order.descending);
        case JobKey::priority: return compare(x.priority, y.priority, order.descending);
        case JobKey::owner:
            return compare(owner_name(x.owner), owner_name(y.owner), order.descending);
        case JobKey::last_status:
            return compare(to_text(shown_status(a)), to_text(shown_status(b)), order.descending);
    }
    return std::weak_ordering::equivalent;
}

// Owners are few and jobs are many: each name is looked up once.
class OwnerNames {
public:
    explicit OwnerNames(const OwnerName& look_up) : look_up_(look_up) {}
    const std::string& operator()(UserNumber number) {
        const auto [at, added] = names_.try_emplace(number);
        if (added) at->second = look_up_(number);
        return at->second;
    }

private:
    const OwnerName& look_up_;
    std::unordered_map<UserNumber, std::string> names_;
};

}  // namespace

bool JobQuery::is_plain() const {
    return words.empty() && statuses.empty() && schedule_types.empty() && kinds.empty() &&
           !is_active && owners.empty() && !no_owner_matches && tags.empty() && tasks.empty() &&
           ordering.empty();
}

Result<JobQuery> read_job_query(const Parameter& parameter, const domain::User& me,
                                const FindUser& find_user) {
    JobQuery query;
    if (const auto text = parameter("search"))
        for (const std::string& word : split(*text, ' ')) query.words.push_back(fold_case(word));

    auto statuses = read_choices<domain::Status>(parameter, "status", domain::status_from);
    if (!statuses) return std::unexpected(statuses.error());
    query.statuses = std::move(*statuses);

    // `schedule` is what the parameter was called before there were other types.
    const char* type = parameter("schedule_type") ? "schedule_type" : "schedule";
    auto types = read_choices<schedule::Type>(parameter, type, schedule::type_from);
    if (!types) return std::unexpected(types.error());
    query.schedule_types = std::move(*types);

    auto kinds = read_choices<domain::Kind>(parameter, "kind", domain::kind_from);
    if (!kinds) return std::unexpected(kinds.error());
    query.kinds = std::move(*kinds);

    const auto active = read_yes_no(parameter, "is_active");
    if (!active) return std::unexpected(active.error());
    query.is_active = *active;

    if (const auto text = parameter("owner"))
        for (const std::string& word : split(*text, ',')) {
            const auto user = word == "me" ? std::optional(me) : find_user(word);
            if (user) query.owners.push_back(user->number);
            if (!user) query.no_owner_matches = true;
        }
    query.no_owner_matches = query.no_owner_matches && query.owners.empty();
    if (const auto text = parameter("tag")) query.tags = split(*text, ',');
    if (const auto text = parameter("task")) query.tasks = split(*text, ',');

    if (const auto text = parameter("ordering"))
        for (const std::string& word : split(*text, ',')) {
            const bool descending = word.starts_with('-');
            const auto key = job_key(std::string_view(word).substr(descending ? 1 : 0));
            if (!key) return unknown("ordering", word);
            query.ordering.push_back({*key, descending});
        }
    return query;
}

JobSelection select_jobs(const domain::Board& board, const JobQuery& query, std::size_t offset,
                         std::size_t limit, const OwnerName& owner_name) {
    if (query.no_owner_matches) return {};
    if (query.is_plain()) return {board.newest(offset, limit), board.size()};

    OwnerNames names(owner_name);
    const OwnerName name_of = [&](UserNumber number) { return names(number); };
    std::vector<EntryPtr> found = board.all();
    std::erase_if(found, [&](const EntryPtr& e) { return !matches(*e, query, name_of); });

    const auto before = [&](const EntryPtr& a, const EntryPtr& b) {
        for (const JobQuery::Order& order : query.ordering) {
            const auto compared = compare(*a, *b, order, name_of);
            if (compared != 0) return compared < 0;
        }
        return a->number > b->number;
    };
    JobSelection selection{{}, found.size()};
    if (offset >= found.size()) return selection;
    const std::size_t end = std::min(found.size(), offset + limit);
    // Found entries come newest first already; only the page has to be in order.
    if (!query.ordering.empty())
        std::partial_sort(found.begin(), found.begin() + std::ptrdiff_t(end), found.end(), before);
    selection.entries.assign(found.begin() + std::ptrdiff_t(offset),
                             found.begin() + std::ptrdiff_t(end));
    return selection;
}

std::string fold_case(std::string_view text) {
    std::string folded(text);
    for (char& c : folded)
        if (c >= 'A' && c <= 'Z') c = char(c + ('a' - 'A'));
    return folded;
}

}  // namespace cjv::web

#include "web/api/log_query.h"

#include <algorithm>

#include "base/iso8601.h"
#include "web/api/job_query.h"

namespace cjv::web {
namespace {

template <class T, class Read>
Result<std::vector<T>> read_words(const Request& request, std::string_view name, Read read) {
    std::vector<T> values;
    for (const std::string_view word : split_list(request.parameter(name).value_or(""))) {
        const std::optional<T> value = read(word);
        if (!value)
            return refuse(std::string(name), "invalid_choice",
                          "Select a valid choice. " + std::string(word) +
                              " is not one of the available choices.");
        values.push_back(*value);
    }
    return values;
}

// The end of a bare date is the end of its day; that of an instant is the instant itself, included.
Result<std::optional<Instant>> read_date(const Request& request, std::string_view name,
                                         bool is_end) {
    const auto text = request.parameter(name);
    if (!text || text->empty()) return std::optional<Instant>{};
    const auto at = parse_iso8601(*text);
    if (!at)
        return refuse(std::string(name), "invalid",
                      "Enter a valid date, or date and time, in ISO 8601.");
    if (!is_end) return at;
    const bool is_bare = text->size() == std::string_view("2026-12-01").size();
    return std::optional(*at + (is_bare ? std::chrono::days{1} : std::chrono::microseconds{1}));
}

Result<store::LogOrder> read_order(const Request& request) {
    using store::LogOrder;
    const auto keys = split_list(request.parameter("ordering").value_or(""));
    if (keys.empty()) return LogOrder::newest;
    static constexpr std::pair<std::string_view, LogOrder> kOrders[] = {
        {"-at", LogOrder::newest},
        {"at", LogOrder::oldest},
        {"execution_time", LogOrder::duration},
        {"-execution_time", LogOrder::duration_down},
        {"run_started_at", LogOrder::started},
        {"-run_started_at", LogOrder::started_down}};
    if (keys.size() == 1)
        for (const auto& [name, order] : kOrders)
            if (name == keys[0]) return order;
    return refuse("ordering", "invalid_choice",
                  "Expected one of at, execution_time and run_started_at, with - for descending.");
}

std::vector<std::string> folded_words(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        if (end > 0) words.push_back(fold_case(text.substr(0, end)));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

// Jobs of which `matches(name, task)` is true, deleted ones among them.
template <class Matches>
Result<std::vector<JobNumber>> jobs_where(store::Store& store, Matches matches) {
    std::vector<JobNumber> numbers;
    for (const auto& entry : store.board().all())
        if (matches(entry->job->name, entry->job->task)) numbers.push_back(entry->number);
    const auto deleted = store.deleted_jobs();
    if (!deleted) return std::unexpected(deleted.error());
    for (const auto& job : *deleted)
        if (matches(job.name, job.task)) numbers.push_back(job.number);
    return numbers;
}

// Jobs in whose name or task every word occurs.
Result<std::vector<JobNumber>> jobs_with(store::Store& store,
                                         const std::vector<std::string>& words) {
    return jobs_where(store, [&](const std::string& name, const std::string& task) {
        const std::string text = fold_case(name + "\n" + task);
        return std::ranges::all_of(words,
                                   [&](const auto& word) { return text.find(word) != text.npos; });
    });
}

Result<std::vector<JobNumber>> jobs_of_tasks(store::Store& store,
                                             const std::vector<std::string_view>& tasks) {
    return jobs_where(store, [&](const std::string&, const std::string& task) {
        return std::ranges::find(tasks, task) != tasks.end();
    });
}

// Narrows the filter to `numbers`, which come from one more parameter.
void narrow(LogQuery& query, bool& narrowed, std::vector<JobNumber> numbers) {
    auto& jobs = query.filter.jobs;
    if (narrowed) {
        query.filter.tasks.clear();  // what comes next names jobs
        std::erase_if(
            jobs, [&](JobNumber job) { return std::ranges::find(numbers, job) == numbers.end(); });
    } else {
        jobs = std::move(numbers);
    }
    narrowed = true;
    query.nothing_matches = jobs.empty() && query.filter.tasks.empty();
}

Result<std::vector<JobNumber>> asked_jobs(const Request& request, store::Store& store) {
    std::vector<JobNumber> numbers;
    for (const std::string_view text : split_list(*request.parameter("job"))) {
        const auto id = parse_uuid(text);
        if (!id)
            return refuse("job", "invalid", "\"" + std::string(text) + "\" is not a valid UUID.");
        const auto number = store.job_number(*id);
        if (!number) return std::unexpected(number.error());
        if (*number) numbers.push_back(**number);
    }
    return numbers;
}

}  // namespace

Result<LogQuery> read_log_query(const Request& request, store::Store& store) {
    LogQuery query;
    bool narrowed = false;
    auto statuses = read_words<domain::Status>(request, "status", domain::status_from);
    if (!statuses) return std::unexpected(statuses.error());
    query.filter.statuses = std::move(*statuses);

    auto triggers = read_words<domain::Trigger>(request, "trigger", domain::trigger_from);
    if (!triggers) return std::unexpected(triggers.error());
    query.filter.triggers = std::move(*triggers);

    const auto from = read_date(request, "date_from", false);
    if (!from) return std::unexpected(from.error());
    query.filter.from = *from;
    const auto until = read_date(request, "date_to", true);
    if (!until) return std::unexpected(until.error());
    query.filter.until = *until;

    const auto order = read_order(request);
    if (!order) return std::unexpected(order.error());
    query.order = *order;

    for (const std::string_view name : split_list(request.parameter("worker_name").value_or("")))
        query.filter.workers.emplace_back(name);

    if (!request.parameter("job").value_or("").empty()) {
        auto jobs = asked_jobs(request, store);
        if (!jobs) return std::unexpected(jobs.error());
        narrow(query, narrowed, std::move(*jobs));
    }
    const auto tasks = split_list(request.parameter("task").value_or(""));
    if (!tasks.empty()) {
        if (!narrowed) query.filter.tasks.assign(tasks.begin(), tasks.end());
        auto jobs = jobs_of_tasks(store, tasks);
        if (!jobs) return std::unexpected(jobs.error());
        narrow(query, narrowed, std::move(*jobs));
    }

    const std::string_view search = request.parameter("search").value_or("");
    const auto task =
        search.empty() ? Result<std::optional<domain::Run>>() : store.find_task(search);
    if (!task) return std::unexpected(task.error());
    if (*task) {
        query.filter.run = (*task)->id;
    } else if (const auto id = parse_uuid(search)) {
        query.filter.run = RunId(*id);
    } else if (const auto words = folded_words(search); !words.empty()) {
        auto jobs = jobs_with(store, words);
        if (!jobs) return std::unexpected(jobs.error());
        narrow(query, narrowed, std::move(*jobs));
    }
    return query;
}

}  // namespace cjv::web

#include "celery/task_result.h"

#include "base/iso8601.h"
#include "celery/inflate.h"
#include "celery/python_repr.h"
#include "celery/typed_json.h"

namespace cjv::celery {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kTaskKey = "celery-task-meta-";
constexpr std::string_view kCompressed = "\0celery-compressed\0"sv;

std::string with_bar(std::string_view prefix) {
    std::string text(prefix);
    if (!text.empty() && !":_-."sv.contains(text.back())) text += '_';
    return text;
}

std::string text_of(const json::Item& item) { return std::string(item.as_string().value_or("")); }

// The id in `[[id, parent], children]`, and of one that was left bare.
std::string id_of_tuple(const json::Item& tuple) {
    if (const auto text = tuple.as_string()) return std::string(*text);
    if (!tuple.is_array() || tuple.begin() == tuple.end()) return {};
    const json::Item head = *tuple.begin();
    if (const auto text = head.as_string()) return std::string(*text);
    if (!head.is_array() || head.begin() == head.end()) return {};
    return text_of(*head.begin());
}

// str() of an exception that was built from these arguments.
std::string message_of(const json::Item& arguments) {
    if (const auto text = arguments.as_string()) return std::string(*text);
    if (!arguments.is_array()) return python_repr(arguments);
    std::size_t count = 0;
    for ([[maybe_unused]] const json::Item item : arguments) ++count;
    if (count == 0) return {};
    if (count == 1) {
        const json::Item only = *arguments.begin();
        const auto text = only.as_string();
        return text ? std::string(*text) : python_repr(only);
    }
    std::string text = python_repr(arguments);
    text.front() = '(';
    text.back() = ')';
    return text;
}

std::optional<TaskException> exception_of(const json::Item& result) {
    const auto type = result.find("exc_type");
    if (!type || !type->as_string()) return std::nullopt;
    TaskException exception{.type = text_of(*type)};
    if (const auto module = result.find("exc_module")) exception.module = text_of(*module);
    if (const auto message = result.find("exc_message")) exception.message = message_of(*message);
    return exception;
}

bool has_exception(std::string_view state) {
    return state == "FAILURE" || state == "RETRY" || state == "REVOKED";
}

// The stored bytes carry no content type; their beginning tells.
std::string label_for(std::string_view stored) {
    if (stored.empty()) return "nothing";
    const auto first = static_cast<unsigned char>(stored.front());
    if (first == 0x80 && stored.size() > 1 && static_cast<unsigned char>(stored[1]) <= 5)
        return "pickle";
    if (first == 0x78) return "compressed (zlib)";
    if (stored.starts_with("\x28\xB5\x2F\xFD")) return "compressed (zstd)";
    if (stored.starts_with("BZh")) return "compressed (bzip2)";
    if (stored.starts_with("\xFD"
                           "7zXZ"))
        return "compressed (xz)";
    if ((first & 0xF0) == 0x80 || first == 0xDE) return "msgpack";
    return "not JSON";
}

}  // namespace

std::string result_key(std::string_view prefix, std::string_view task_id) {
    return with_bar(prefix) + std::string(kTaskKey) + std::string(task_id);
}

std::optional<std::string_view> task_id_of_key(std::string_view prefix, std::string_view key) {
    const auto before = with_bar(prefix) + std::string(kTaskKey);
    if (!key.starts_with(before) || key.size() == before.size()) return std::nullopt;
    return key.substr(before.size());
}

bool is_ready(std::string_view state) {
    return state == "SUCCESS" || state == "FAILURE" || state == "REVOKED";
}

void ResultReader::read_outcome(std::string_view raw, TaskResult& result) {
    const auto item = inner_.read(raw, {.bytes = raw.size()});
    if (!item) {
        result.unshown = item.error().what;
        return;
    }
    if (has_exception(result.state)) result.exception = exception_of(*item);
    if (!result.exception) result.result = plain_json(*item);
}

ReadResult ResultReader::read_json(std::string_view text) {
    constexpr json::TapeLimits kShallow{.bytes = std::size_t{64} << 20, .kept_depth = 2};
    const auto root = outer_.read(text, kShallow);
    if (!root) return {.opaque = {label_for(text)}};
    const auto status = root->find("status");
    if (!status || !status->as_string()) return {.opaque = {"not a result"}};

    TaskResult result{.state = text_of(*status)};
    std::optional<std::string_view> outcome, children;
    for (const json::Item field : *root) {
        const auto name = field.key();
        if (name == "task_id") result.task_id = text_of(field);
        if (name == "result") outcome = field.raw();
        if (name == "traceback") result.traceback = text_of(field);
        if (name == "date_done") result.date_done = parse_iso8601(field.as_string().value_or(""));
        if (name == "children" && field.is_array()) children = field.raw();
        if (name == "parent_id") result.parent_id = text_of(field);
        if (name == "group_id") result.group_id = text_of(field);
        if (name == "name") result.name = text_of(field);
        if (name == "worker") result.worker = text_of(field);
        if (name == "queue") result.queue = text_of(field);
        if (name == "retries") result.retries = field.as_int64();
    }
    if (outcome) read_outcome(*outcome, result);
    if (children) {
        const auto tuples = inner_.read(*children);
        if (tuples)
            for (const json::Item tuple : *tuples)
                if (auto id = id_of_tuple(tuple); !id.empty())
                    result.children.push_back(std::move(id));
    }
    return {.result = std::move(result)};
}

ReadResult ResultReader::read(std::string_view stored) {
    if (!stored.starts_with(kCompressed)) return read_json(stored);
    stored.remove_prefix(kCompressed.size());
    const auto end = stored.find('\0');
    const auto method = stored.substr(0, end);
    const std::string label = "compressed (" + std::string(method.substr(0, 80)) + ")";
    if (end == stored.npos || method != "application/x-gzip") return {.opaque = {label}};
    const auto text = inflated(stored.substr(end + 1), std::size_t{64} << 20);
    return text ? read_json(*text) : ReadResult{.opaque = {label}};
}

}  // namespace cjv::celery

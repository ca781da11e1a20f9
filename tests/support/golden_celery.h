#pragma once
// The captures of tests/golden/celery, read once each.

#include "base/json_tape.h"
#include "support/must.h"

#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace cjv::support {

// The member that has to be there.
inline json::Item at(const json::Item& object, std::string_view key) {
    const auto found = object.find(key);
    if (!found) throw std::runtime_error("no member " + std::string(key));
    return *found;
}

class GoldenFile {
public:
    explicit GoldenFile(const std::string& name) {
        std::ifstream file(CJV_GOLDEN "/celery/" + name);
        text_.assign(std::istreambuf_iterator<char>(file), {});
        root_ = must(tape_.read(text_));
    }
    json::Item root() const { return *root_; }
    // The objects of the list under `key`.
    std::vector<json::Item> list(std::string_view key) const {
        std::vector<json::Item> all;
        const json::Item list = at(*root_, key);
        for (const json::Item item : list) all.push_back(item);
        return all;
    }

private:
    std::string text_;
    json::Tape tape_;
    std::optional<json::Item> root_;
};

inline std::string text_at(const json::Item& object, std::string_view key) {
    const auto found = object.find(key);
    return found ? std::string(found->as_string().value_or("")) : std::string();
}

}  // namespace cjv::support

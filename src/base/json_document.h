#pragma once
// Private to base/json*.cpp: a text read once into a flat list of nodes. Behind it stands the only
// door to simdjson.

#include "base/error.h"
#include "base/json.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cjv::json {

inline constexpr std::uint32_t kNone = UINT32_MAX;

struct Node {
    Kind kind = Kind::null;
    bool last_name_wins = false;  // of an object: as find_in() does it
    std::string_view raw = {};
    std::string_view text = {};  // of a string: unescaped
    std::string_view key = {};   // where the parent is an object
    std::uint32_t first_child = kNone;
    std::uint32_t next_sibling = kNone;
};

struct Rules {
    int depth = kMaxDepth;
    int kept_depth = kMaxDepth;  // what is nested deeper is checked, and makes no nodes
    std::size_t nodes = kMaxNodes;
    std::size_t string_bytes = kMaxStringBytes;
    // What Python's json writes and reads beyond RFC 8259: NaN, Infinity and -Infinity, a surrogate
    // without its partner (it becomes U+FFFD), a key twice (the last one counts).
    bool python = false;
};

// The text with what was read of it. Moves nothing once it is read: views into it stay right.
class Document {
public:
    Document();
    ~Document();
    Document(const Document&) = delete;
    Document& operator=(const Document&) = delete;

    // Forgets the text before. Gives the root.
    Result<std::uint32_t> read(std::string_view text, const Rules& rules);

    const Node& node(std::uint32_t index) const { return nodes_[index]; }

private:
    friend class NodeReader;
    struct Parser;
    void load(std::string_view text);

    std::unique_ptr<Parser> parser_;
    std::unique_ptr<char[]> padded_;  // the text in brackets of ours, and room behind it
    std::size_t room_ = 0;
    std::size_t length_ = 0;  // with the brackets
    std::deque<std::string> mended_;
    std::vector<Node> nodes_;
};

std::optional<bool> bool_of(const Node& node);
std::optional<std::int64_t> int64_of(const Node& node);
std::optional<double> double_of(const Node& node);
// The index of the member, kNone when there is none.
std::uint32_t find_in(const Document& document, const Node& object, std::string_view key);

}  // namespace cjv::json

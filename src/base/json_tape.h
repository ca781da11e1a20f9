#pragma once
// JSON that programs written in Python send, one text after the other into the same memory: after
// the first few there is no allocation. For what people send us there is json.h, which is strict.
//
// Beyond RFC 8259 it reads what Python's json module writes and reads: NaN, Infinity, -Infinity; a
// surrogate without its partner, as U+FFFD; a key twice in an object, where the last one counts.

#include "base/error.h"
#include "base/json.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace cjv::json {

struct TapeLimits {
    std::size_t bytes = std::size_t{16} << 20;
    int depth = 256;
    // Values that are nested deeper are checked, and only their parent's raw() tells of them.
    int kept_depth = 256;
    std::size_t values = 200'000;  // of those that are kept
};

// One value on a tape. As cheap as two pointers; valid until the tape reads its next text, as are
// the views that it hands out.
class Item {
public:
    Kind kind() const;
    bool is_null() const { return kind() == Kind::null; }
    bool is_object() const { return kind() == Kind::object; }
    bool is_array() const { return kind() == Kind::array; }

    // The text as it came, without the blanks around it.
    std::string_view raw() const;
    // Its name, where it stands in an object.
    std::string_view key() const;

    // Each is nothing when the value is of another kind, or a number that does not fit.
    std::optional<bool> as_bool() const;
    std::optional<std::int64_t> as_int64() const;
    std::optional<double> as_double() const;  // may be NaN or infinite
    std::optional<std::string_view> as_string() const;

    std::optional<Item> find(std::string_view key) const;

    // The values inside, in the order of the text: `for (const Item child : item)`.
    class Children;
    Children begin() const;
    Children end() const;

private:
    friend class Tape;
    Item(const Document* document, std::uint32_t node) : document_(document), node_(node) {}

    const Document* document_;
    std::uint32_t node_;
};

class Item::Children {
public:
    Item operator*() const { return at_; }
    Children& operator++();
    bool operator==(const Children& other) const { return at_.node_ == other.at_.node_; }

private:
    friend class Item;
    explicit Children(Item at) : at_(at) {}
    Item at_;
};

// For one thread at a time.
class Tape {
public:
    Tape();
    ~Tape();
    Tape(Tape&&) noexcept;
    Tape& operator=(Tape&&) noexcept;

    // Ends the life of everything that was read before. `bad_input` says what is wrong and where.
    Result<Item> read(std::string_view text, const TapeLimits& limits = {});
    // As strict as json::parse(), with its limits.
    Result<Item> read_strictly(std::string_view text);

private:
    std::unique_ptr<Document> document_;
};

}  // namespace cjv::json

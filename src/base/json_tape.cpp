#include "base/json_tape.h"

#include "base/json_document.h"

namespace cjv::json {

Tape::Tape() : document_(std::make_unique<Document>()) {}
Tape::~Tape() = default;
Tape::Tape(Tape&&) noexcept = default;
Tape& Tape::operator=(Tape&&) noexcept = default;

Result<Item> Tape::read(std::string_view text, const TapeLimits& limits) {
    if (text.size() > limits.bytes)
        return fail(Errc::bad_input,
                    "the text is longer than " + std::to_string(limits.bytes >> 10) + " KiB");
    const auto root = document_->read(text, {.depth = limits.depth,
                                             .kept_depth = limits.kept_depth,
                                             .nodes = limits.values,
                                             .string_bytes = limits.bytes,
                                             .python = true});
    if (!root) return std::unexpected(root.error());
    return Item(document_.get(), *root);
}

Result<Item> Tape::read_strictly(std::string_view text) {
    const auto root = document_->read(text, Rules{});
    if (!root) return std::unexpected(root.error());
    return Item(document_.get(), *root);
}

Kind Item::kind() const { return document_->node(node_).kind; }
std::string_view Item::raw() const { return document_->node(node_).raw; }
std::string_view Item::key() const { return document_->node(node_).key; }
std::optional<bool> Item::as_bool() const { return bool_of(document_->node(node_)); }
std::optional<std::int64_t> Item::as_int64() const { return int64_of(document_->node(node_)); }
std::optional<double> Item::as_double() const { return double_of(document_->node(node_)); }

std::optional<std::string_view> Item::as_string() const {
    if (kind() != Kind::string) return std::nullopt;
    return document_->node(node_).text;
}

std::optional<Item> Item::find(std::string_view key) const {
    const auto found = find_in(*document_, document_->node(node_), key);
    if (found == kNone) return std::nullopt;
    return Item(document_, found);
}

Item::Children Item::begin() const {
    return Children(Item(document_, document_->node(node_).first_child));
}
Item::Children Item::end() const { return Children(Item(document_, kNone)); }

Item::Children& Item::Children::operator++() {
    at_.node_ = at_.document_->node(at_.node_).next_sibling;
    return *this;
}

}  // namespace cjv::json

#pragma once
// So that a hash table with keys of text is searched without making a key.

#include <functional>
#include <string_view>

namespace cjv {

struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
        return std::hash<std::string_view>{}(text);
    }
};

}  // namespace cjv

#pragma once
// A file that was built into the program. The tables of them are generated: see cmake/EmbedFiles.cmake.

#include <string_view>

namespace cjv {

// Both views live as long as the program.
struct EmbeddedFile {
    std::string_view name;   // below the embedded folder, with '/': "assets/index-3f2a.js.br"
    std::string_view bytes;  // as on disk; no terminating NUL
};

}  // namespace cjv

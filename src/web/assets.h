#pragma once
// The built pages: files that were put into the program, and index.html for every page's address.
// What the pages do is ui/'s business.

#include "base/embedded.h"
#include "web/request.h"
#include "web/response.h"

#include <map>
#include <span>
#include <string>
#include <string_view>

namespace cjv::web {

class Assets {
public:
    // `files` has "index.html", "assets/…" and twins that end in .br or .gz; it may be empty.
    Assets(std::span<const EmbeddedFile> files, std::string prefix, std::string version);

    // GET of `path`, which begins with the prefix: a file, or the page.
    Response serve(const Request& request) const;

private:
    struct File {
        std::string_view plain, br, gz;
        std::string etag;
    };
    Response file(const Request& request, std::string_view name, const File& file) const;
    Response page(const Request& request) const;

    std::map<std::string, File, std::less<>> files_;
    std::string_view index_;
    const std::string prefix_;
    const std::string version_;
};

}  // namespace cjv::web

#pragma once
// Pages of a list, as Django REST Framework numbers them: `page`, `page_size`, and the frame around results.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "web/request.h"
#include "web/response.h"

namespace cjv::web {

inline constexpr std::int64_t kPageSize = 25;
inline constexpr std::int64_t kMostPerPage = 100;

struct PageAsked {
    std::int64_t number = 1;
    std::int64_t size = kPageSize;

    std::size_t offset() const { return std::size_t((number - 1) * size); }
};

// `not_found` "Invalid page." for a number that is none. A page_size that is none takes the default, one that
// is too large the most: as DRF does.
Result<PageAsked> read_page(const Request& request);
// 1 to kMostPerPage.
std::int64_t read_page_size(const Request& request);
// `not_found` when the page lies behind the last; the first page of an empty list is there.
Result<void> check_page(const PageAsked& page, std::int64_t count);

// The address of this request with one parameter set to `value`, or without it: absolute, all others kept.
std::string link_to(const Request& request, std::span<const std::string> trusted_proxies,
                    std::string_view parameter, std::optional<std::string> value);

// Appends "count", "next" and "previous" to the object that is open in `out`.
void write_page_frame(json::Writer& out, const Request& request,
                      std::span<const std::string> trusted_proxies, const PageAsked& page,
                      std::int64_t count);

// The answer with one page of a list that is held whole; `write(out, item)` writes one of it. 404 when the page
// lies behind the last.
template <typename Item, typename Write>
Response answer_page(const Request& request, std::span<const std::string> trusted_proxies,
                     const PageAsked& page, const std::vector<Item>& items, Write write) {
    const auto count = std::int64_t(items.size());
    if (const auto there = check_page(page, count); !there) return problem(request, there.error());

    std::string text;
    json::Writer out(text);
    out.begin_object();
    write_page_frame(out, request, trusted_proxies, page, count);
    out.key("results");
    out.begin_array();
    const std::size_t end = std::min(items.size(), page.offset() + std::size_t(page.size));
    for (std::size_t i = page.offset(); i < end; ++i) write(out, items[i]);
    out.end_array();
    out.end_object();
    return json(200, std::move(text));
}

}  // namespace cjv::web

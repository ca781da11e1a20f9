#include "web/api/paging.h"

#include <algorithm>
#include <charconv>

#include "web/gate.h"

namespace cjv::web {
namespace {

std::optional<std::int64_t> positive(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || number < 1) return std::nullopt;
    return number;
}

}  // namespace

std::int64_t read_page_size(const Request& request) {
    const auto text = request.parameter("page_size");
    const auto size = text ? positive(*text) : std::nullopt;
    return std::min(size.value_or(kPageSize), kMostPerPage);
}

Result<PageAsked> read_page(const Request& request) {
    PageAsked page{.number = 1, .size = read_page_size(request)};
    const auto text = request.parameter("page");
    if (!text) return page;
    const auto number = positive(*text);
    // So far behind that its offset has no place in 64 bits: no list is that long.
    if (!number || *number > INT64_MAX / kMostPerPage)
        return fail(Errc::not_found, "Invalid page.");
    page.number = *number;
    return page;
}

Result<void> check_page(const PageAsked& page, std::int64_t count) {
    if (page.number == 1 || std::int64_t(page.offset()) < count) return {};
    return fail(Errc::not_found, "Invalid page.");
}

std::string link_to(const Request& request, std::span<const std::string> trusted_proxies,
                    std::string_view parameter, std::optional<std::string> value) {
    std::string link = is_secure(request, trusted_proxies) ? "https://" : "http://";
    link += request.header("Host");
    link += request.path;
    char separator = '?';
    const auto add = [&](std::string_view name, std::string_view text) {
        link += separator;
        link += percent_encode(name) + "=" + percent_encode(text);
        separator = '&';
    };
    for (const auto& [name, text] : request.query)
        if (name != parameter) add(name, text);
    if (value) add(parameter, *value);
    return link;
}

void write_page_frame(json::Writer& out, const Request& request,
                      std::span<const std::string> trusted_proxies, const PageAsked& page,
                      std::int64_t count) {
    out.field("count", count);
    const auto to = [&](std::int64_t number) {
        // The first page has the plain address.
        return link_to(request, trusted_proxies, "page",
                       number == 1 ? std::nullopt : std::optional(std::to_string(number)));
    };
    const bool is_last = page.number * page.size >= count;
    out.field("next", is_last ? std::nullopt : std::optional(to(page.number + 1)));
    out.field("previous", page.number == 1 ? std::nullopt : std::optional(to(page.number - 1)));
}

}  // namespace cjv::web

#pragma once
// Bodies of HTML forms. Flat fields only; what they mean is the reader's business, which takes texts
// for numbers and switches.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cjv::web {

using FormFields = std::vector<std::pair<std::string, std::string>>;  // in order; names may repeat

// Of `application/x-www-form-urlencoded` or `multipart/form-data; boundary=…`; the media type's own name is
// not looked at again. Nothing when the body is not of that form, or has files in it.
std::optional<FormFields> parse_urlencoded(std::string_view body);
std::optional<FormFields> parse_multipart(std::string_view content_type, std::string_view body);

// As a JSON object of texts; of a name that repeats the last one counts, as in Django.
std::string form_json(const FormFields& fields);

}  // namespace cjv::web

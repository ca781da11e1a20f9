#pragma once
// Kombu since 5.3 wraps what JSON cannot hold in objects of exactly two keys, `__type__` and
// `__value__`: datetime, date, time, decimal, uuid, bytes, base64. It looks for them in everything
// that it reads: bodies, results, and the envelope itself.

#include "base/json_tape.h"

#include <optional>
#include <string>
#include <string_view>

namespace cjv::celery {

struct TypedValue {
    std::string_view type;
    json::Item value;
};
// Nothing when `item` is no such object.
std::optional<TypedValue> typed_value(const json::Item& item);

// Whether Kombu reads it without complaint. An application may have registered a type of its own;
// workers of others drop such a message.
bool is_known(const TypedValue& value);

// Plain JSON for people: a wrapper becomes the text of its value ("2024-01-02", "1.50"), NaN and
// infinity become texts, the rest stays digit for digit. `item` outlives the call.
std::string plain_json(const json::Item& item);

}  // namespace cjv::celery

#pragma once
// The message of Kombu on Redis: one JSON object with the body in base64. It is the element of a
// list and the payload of a channel alike.

#include "base/error.h"
#include "base/json_tape.h"

#include <optional>
#include <string>
#include <string_view>

namespace cjv::celery {

// What was found in a message. All views end with the reader's next read.
struct Envelope {
    std::string_view body = {};  // its bytes, base64 undone; still compressed and serialized
    std::string_view content_type = {};
    std::string_view content_encoding = {};
    std::string_view compression = {};             // the header; empty: not compressed
    std::optional<json::Item> headers = {};        // an object
    std::optional<json::Item> properties = {};     // an object
    std::optional<json::Item> delivery_info = {};  // an object

    // A text of the headers or properties; empty when it is not there or no text.
    std::string_view header(std::string_view name) const;
    std::string_view property(std::string_view name) const;

    // Why the body is not for us to read: "pickle", "compressed (application/x-gzip)". Empty for
    // plain JSON. Such a body is shown as what it is and never decoded.
    std::string opaque() const;
};

// For one thread at a time; keeps its memory.
class EnvelopeReader {
public:
    // `bad_input` says what a worker would stumble over, too. Tolerates everything that workers do:
    // no properties, no headers, a body that is plain text.
    Result<Envelope> read(std::string_view message, const json::TapeLimits& limits = {});

private:
    json::Tape tape_;
    std::string body_;
};

}  // namespace cjv::celery

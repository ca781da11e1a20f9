#include "celery/envelope.h"

#include "base/base64.h"

#include <array>
#include <utility>

namespace cjv::celery {
namespace {

std::string_view text_in(const std::optional<json::Item>& object, std::string_view name) {
    if (!object) return {};
    const auto found = object->find(name);
    return found ? found->as_string().value_or("") : std::string_view();
}

std::optional<json::Item> object_in(const json::Item& parent, std::string_view name) {
    const auto found = parent.find(name);
    return found && found->is_object() ? found : std::nullopt;
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kSerializers = {{
    {"application/x-python-serialize", "pickle"},
    {"application/x-yaml", "yaml"},
    {"application/x-msgpack", "msgpack"},
    {"application/data", "signed"},
    {"", "no content type"},
}};

}  // namespace

std::string_view Envelope::header(std::string_view name) const { return text_in(headers, name); }
std::string_view Envelope::property(std::string_view name) const {
    return text_in(properties, name);
}

std::string Envelope::opaque() const {
    if (!compression.empty()) return "compressed (" + std::string(compression) + ")";
    if (content_type == "application/json") return {};
    for (const auto& [type, name] : kSerializers)
        if (content_type == type) return std::string(name);
    return std::string(content_type.substr(0, 80));
}

Result<Envelope> EnvelopeReader::read(std::string_view message, const json::TapeLimits& limits) {
    const auto root = tape_.read(message, limits);
    if (!root) return fail(root.error(), "not a message");
    if (!root->is_object()) return fail(Errc::bad_input, "not a message: not a JSON object");

    Envelope envelope;
    for (const json::Item item : *root) {
        const auto name = item.key();
        if (name == "body")
            envelope.body = item.as_string().value_or("");
        else if (name == "content-type")
            envelope.content_type = item.as_string().value_or("");
        else if (name == "content-encoding")
            envelope.content_encoding = item.as_string().value_or("");
    }
    envelope.headers = object_in(*root, "headers");
    envelope.properties = object_in(*root, "properties");
    if (envelope.properties)
        envelope.delivery_info = object_in(*envelope.properties, "delivery_info");
    envelope.compression = envelope.header("compression");

    const auto encoding = envelope.property("body_encoding");
    if (encoding == "base64") {
        if (!decode_base64(envelope.body, body_))
            return fail(Errc::bad_input, "not a message: the body is not base64");
        envelope.body = body_;
    } else if (!encoding.empty() && encoding != "utf-8") {
        return fail(Errc::bad_input, "not a message: a body_encoding that nobody knows: " +
                                         std::string(encoding.substr(0, 80)));
    }
    return envelope;
}

}  // namespace cjv::celery

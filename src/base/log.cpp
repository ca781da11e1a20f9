#include "base/log.h"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include <unistd.h>
#include <cmath>
#include <mutex>
#include <utility>

namespace cjv {
namespace {

constexpr const char* kTextPattern = "%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v";
constexpr const char* kJsonPattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%fZ","level":"%l",%v})";

// How many bytes at the front of `text` are one well-formed UTF-8 character (RFC 3629); 0: none.
std::size_t character(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned first = byte(0);
    if (first < 0x80) return 1;
    const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() < size) return 0;
    for (std::size_t i = 1; i < size; ++i)
        if ((byte(i) & 0xC0) != 0x80) return 0;
    const unsigned second = byte(1);
    const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
    const bool surrogate = first == 0xED && second > 0x9F, beyond = first == 0xF4 && second > 0x8F;
    return overlong || surrogate || beyond ? 0 : size;
}

// As between the quotes of a JSON string.
void append_escaped(std::string& out, std::string_view text) {
    while (!text.empty()) {
        const std::size_t size = character(text);
        const std::string_view one = text.substr(0, size);
        const auto first = static_cast<unsigned char>(text[0]);
        if (size == 0)
            out += "\\ufffd";
        else if (first == '"' || first == '\\')
            (out += '\\') += one;
        else if (first < 0x20 || first == 0x7F)
            fmt::format_to(std::back_inserter(out), "\\u{:04x}", first);
        else if (first == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0)  // C1 controls
            fmt::format_to(std::back_inserter(out), "\\u{:04x}",
                           static_cast<unsigned char>(text[1]));
        else if (one == "\u2028" || one == "\u2029")  // line ends for some readers
            out += one == "\u2028" ? "\\u2028" : "\\u2029";
        else
            out += one;
        text.remove_prefix(size == 0 ? 1 : size);
    }
}

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    append_escaped(out, text);
    out += '"';
}

// A word that cannot be taken for anything else needs no quotes in text.
bool is_plain(std::string_view text) {
    constexpr std::string_view kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:;/+-_@%*()[]{}<>!?#&";
    return !text.empty() && text.find_first_not_of(kPlain) == std::string_view::npos;
}

void append(std::string& out, const LogValue& value, LogFormat format) {
    const auto* text = std::get_if<std::string_view>(&value.value());
    const auto* real = std::get_if<double>(&value.value());
    if (text && format == LogFormat::text && is_plain(*text))
        out += *text;
    else if (text)
        append_quoted(out, *text);
    else if (real && !std::isfinite(*real))
        out += "null";  // JSON has no word for it
    else
        std::visit([&](auto plain) { fmt::format_to(std::back_inserter(out), "{}", plain); },
                   value.value());
}

std::string body(LogFormat format, std::string_view event, Log::Fields fields) {
    std::string out;
    if (format == LogFormat::text) {
        append_escaped(out, event);
        for (const LogField& field : fields) {
            (out += ' ') += field.name;
            out += '=';
            append(out, field.value, format);
        }
        return out;
    }
    out += R"("event":)";
    append_quoted(out, event);
    for (const LogField& field : fields) {
        out += ',';
        append_quoted(out, field.name);
        out += ':';
        append(out, field.value, format);
    }
    return out;
}

spdlog::level::level_enum spdlog_level(LogLevel level) {
    switch (level) {
        case LogLevel::debug: return spdlog::level::debug;
        case LogLevel::info: return spdlog::level::info;
        case LogLevel::warning: return spdlog::level::warn;
        case LogLevel::error: return spdlog::level::err;
        case LogLevel::off: return spdlog::level::off;
    }
    return spdlog::level::off;
}

class FunctionSink final : public spdlog::sinks::base_sink<std::mutex> {
public:
    explicit FunctionSink(std::function<void(std::string_view)> take) : take_(std::move(take)) {}

private:
    void sink_it_(const spdlog::details::log_msg& message) override {
        spdlog::memory_buf_t line;
        formatter_->format(message, line);
        take_({line.data(), line.size()});
    }
    void flush_() override {}

    std::function<void(std::string_view)> take_;
};

spdlog::sink_ptr make_sink(const LogSettings& settings) {
    if (settings.sink) return std::make_shared<FunctionSink>(settings.sink);
    return std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
}

LogFormat resolved(const LogSettings& settings) {
    if (settings.format != LogFormat::automatic) return settings.format;
    return !settings.sink && isatty(STDERR_FILENO) ? LogFormat::text : LogFormat::json;
}

}  // namespace

struct Log::Sink {
    explicit Sink(const LogSettings& settings)
        : format(resolved(settings)), logger("cjv", make_sink(settings)) {
        const bool text = format == LogFormat::text;
        logger.set_formatter(std::make_unique<spdlog::pattern_formatter>(
            text ? kTextPattern : kJsonPattern, spdlog::pattern_time_type::utc,
            settings.sink ? "" : "\n"));
        logger.set_level(spdlog_level(settings.level));
        logger.set_error_handler(
            [](const std::string&) {});  // its default prints to standard error
    }

    LogFormat format;
    spdlog::logger logger;
};

Log::Log(const LogSettings& settings, const Clock& clock)
    : clock_(clock), sink_(std::make_unique<Sink>(settings)) {}
Log::~Log() = default;

void Log::write(LogLevel level, std::string_view event, Fields fields) {
    if (!sink_->logger.should_log(spdlog_level(level))) return;
    sink_->logger.log(spdlog::log_clock::time_point(clock_.now().time_since_epoch()), {},
                      spdlog_level(level), body(sink_->format, event, fields));
}

}  // namespace cjv

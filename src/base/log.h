#pragma once
// One line for one thing that happened: an event's name and its fields. There is no global log;
// whoever writes one is handed a `Log`. Where the lines go is log.cpp's business, the only door to
// spdlog.

#include "base/clock.h"
#include "base/secret.h"

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace cjv {

enum class LogLevel : std::uint8_t { debug, info, warning, error, off };
enum class LogFormat : std::uint8_t {
    automatic,  // text on a terminal, JSON lines otherwise
    text,       // 2026-12-01T02:00:00.000Z warning beat.turn_failed error="database is locked"
    json        // {"time":"…","level":"warning","event":"beat.turn_failed","error":"…"}
};

// The value of a field. It borrows texts: they have to live as long as the call.
class LogValue {
public:
    template <class T>
        requires std::convertible_to<const T&, std::string_view>
    LogValue(const T& text) : value_(std::string_view(text)) {}
    LogValue(const Secret& secret) : value_(to_text(secret)) {}
    LogValue(bool yes) : value_(yes) {}
    LogValue(std::signed_integral auto number) : value_(std::int64_t{number}) {}
    LogValue(std::unsigned_integral auto number) : value_(std::uint64_t{number}) {}
    LogValue(double number) : value_(number) {}

    using Value = std::variant<std::string_view, bool, std::int64_t, std::uint64_t, double>;
    const Value& value() const { return value_; }

private:
    Value value_;
};

struct LogField {
    std::string_view name;  // snake_case; "time", "level" and "event" are taken
    LogValue value;
};

struct LogSettings {
    LogLevel level = LogLevel::info;
    LogFormat format = LogFormat::automatic;
    // Takes whole lines, without their line feed, one at a time; empty: standard error.
    std::function<void(std::string_view line)> sink = {};
};

// Any thread may write. Control characters, line ends among them, leave as \uXXXX: what a stranger
// sent stays within its field and moves no cursor. A line that cannot be written is dropped.
class Log {
public:
    using Fields = std::initializer_list<LogField>;

    // `clock` has to outlive the log.
    Log(const LogSettings& settings, const Clock& clock);
    ~Log();

    // `event` says who and what: "beat.turn_failed".
    void debug(std::string_view event, Fields fields = {}) {
        write(LogLevel::debug, event, fields);
    }
    void info(std::string_view event, Fields fields = {}) { write(LogLevel::info, event, fields); }
    void warn(std::string_view event, Fields fields = {}) {
        write(LogLevel::warning, event, fields);
    }
    void error(std::string_view event, Fields fields = {}) {
        write(LogLevel::error, event, fields);
    }

private:
    struct Sink;
    void write(LogLevel level, std::string_view event, Fields fields);

    const Clock& clock_;
    std::unique_ptr<Sink> sink_;
};

}  // namespace cjv

#include "domain/password_rule.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace cjv::domain {
namespace {

constexpr std::size_t kLeast = 12;  // characters
constexpr std::size_t kMost = 256;

// Of the lists of leaked passwords, the beginnings that long ones are made of.
constexpr std::array<std::string_view, 14> kTriedFirst = {
    "password",     "passw0rd",   "123456789012",  "1234567890",  "qwertyuiop",
    "qwerty123456", "iloveyou",   "administrator", "welcome",     "letmein",
    "changeme",     "adminadmin", "abc123abc123",  "111111111111"};

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

// Code points: every byte that does not continue one.
std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

// Whether little is left of `password` when `word` is taken out of it.
bool is_mostly(const std::string& password, std::string_view word) {
    return !word.empty() && password.find(word) != std::string::npos &&
           password.size() < word.size() + 5;
}

}  // namespace

Result<void> check_password(std::string_view password, std::string_view username,
                            std::string_view path) {
    const auto no = [&](const char* code, std::string why) {
        return refuse(std::string(path), code, std::move(why));
    };
    const std::size_t length = characters(password);
    if (length < kLeast)
        return no("password_too_short",
                  "This password is too short. It must contain at least 12 characters.");
    if (length > kMost)
        return no("max_length", "Ensure this field has no more than 256 characters.");

    const std::string folded = lower(password);
    if (is_mostly(folded, lower(username)))
        return no("password_too_similar", "The password is too similar to the username.");
    if (is_mostly(folded, "cronjobviewer") || is_mostly(folded, "cron-job-viewer") ||
        std::ranges::any_of(kTriedFirst, [&](std::string_view w) { return is_mostly(folded, w); }))
        return no("password_too_common", "This password is too common.");
    return {};
}

}  // namespace cjv::domain

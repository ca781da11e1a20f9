#include "schedule/phrase.h"

#include "schedule/entries.h"
#include "schedule/names.h"

#include <algorithm>
#include <string>
#include <vector>

namespace cjv::schedule {
namespace {

using std::string_view;

constexpr std::size_t kLongestPhrase = 200;

// Words in small letters; a comma is a word of its own.
std::vector<std::string> words_of(string_view text) {
    std::vector<std::string> words;
    std::string word;
    const auto end_word = [&] {
        if (!word.empty()) words.push_back(std::move(word));
        word.clear();
    };
    for (const char c : text) {
        if (c == ' ' || c == '\t') {
            end_word();
        } else if (c == ',') {
            end_word();
            words.emplace_back(",");
        } else {
            word += lower(c);
        }
    }
    end_word();
    return words;
}

struct Time {
    unsigned hour = 0, minute = 0;
};

// Takes pieces from the front; what is false or empty has taken nothing that matters.
class Phrase {
public:
    explicit Phrase(std::vector<std::string> words) : words_(std::move(words)) {}

    std::optional<std::string> compile() {
        if (take("at")) {
            const bool well = times() && (take("every") || take("on")) && days() && is_at_end();
            return well ? std::optional(each_time("* * " + days_)) : std::nullopt;
        }
        if (!take("every")) return std::nullopt;
        if (take("hour")) return hourly();
        if (take("month")) return monthly();
        if (!days() || !take("at") || !times() || !is_at_end()) return std::nullopt;
        return each_time("* * " + days_);
    }

private:
    bool is_at_end() const { return at_ >= words_.size(); }
    string_view word() const { return is_at_end() ? string_view{} : words_[at_]; }
    bool take(string_view wanted) {
        const bool is_there = !is_at_end() && words_[at_] == wanted;
        at_ += is_there;
        return is_there;
    }
    bool take_and() {
        const bool comma = take(",");
        return take("and") || comma;
    }

    std::optional<unsigned> number(string_view digits, unsigned most) {
        if (digits.empty() || digits.size() > 2) return std::nullopt;
        unsigned value = 0;
        for (const char c : digits) {
            if (c < '0' || c > '9') return std::nullopt;
            value = value * 10 + static_cast<unsigned>(c - '0');
        }
        return value <= most ? std::optional(value) : std::nullopt;
    }

    // "day", "weekday", "monday and thursday"
    bool days() {
        if (take("day")) return days_ = "*", true;
        if (take("weekday") || take("weekdays")) return days_ = "1-5", true;
        if (take("weekend") || take("weekends")) return days_ = "0,6", true;
        do {
            auto name = word();
            if (name.size() > 4 && name.ends_with("days")) name.remove_suffix(1);
            const auto day = place_of(name, kWeekdayNames);
            if (!day) return false;
            ++at_;
            days_ += (days_.empty() ? "" : ",") + std::to_string(*day);
        } while (take_and());
        return true;
    }

    bool times() {
        do {
            const auto time = this->time();
            if (!time) return false;
            times_.push_back(*time);
        } while (take_and());
        return true;
    }

    // "9:30", "15:30", "3am", "3:30 pm", "noon", "midnight"
    std::optional<Time> time() {
        if (take("noon")) return Time{12, 0};
        if (take("midnight")) return Time{0, 0};
        auto text = word();
        ++at_;
        bool am = text.ends_with("am"), pm = text.ends_with("pm");
        if (am || pm)
            text.remove_suffix(2);
        else if (take("am"))
            am = true;
        else if (take("pm"))
            pm = true;
        const auto colon = text.find(':');
        const auto hour = number(text.substr(0, colon), 23);
        std::optional<unsigned> minute = 0;
        if (colon != string_view::npos) {
            if (text.size() != colon + 3) return std::nullopt;
            minute = number(text.substr(colon + 1), 59);
        }
        const bool half_day = am || pm;
        if (!hour || !minute || (!half_day && colon == string_view::npos)) return std::nullopt;
        if (!half_day) return Time{*hour, *minute};
        if (*hour < 1 || *hour > 12) return std::nullopt;
        return Time{*hour % 12 + (pm ? 12 : 0), *minute};
    }

    std::optional<std::string> hourly() {
        if (!take("at") || !take("minute")) return std::nullopt;
        const auto minute = number(word(), 59);
        ++at_;
        if (!minute || !is_at_end()) return std::nullopt;
        return std::to_string(*minute) + " * * * *";
    }

    // "on the 1st", "on the last day"
    std::optional<std::string> monthly() {
        std::string day;
        if (!take("on") || !take("the")) return std::nullopt;
        if (take("last")) {
            day = "L";
        } else {
            auto ordinal = word();
            ++at_;
            const auto digits = ordinal.find_first_not_of("0123456789");
            const auto value = number(ordinal.substr(0, digits), 31);
            if (!value || *value == 0 || digits == string_view::npos ||
                ordinal.substr(digits) != suffix(*value))
                return std::nullopt;
            day = std::to_string(*value);
        }
        if (!take("day") && day == "L") return std::nullopt;
        if (!take("at") || !times() || !is_at_end()) return std::nullopt;
        return each_time(day + " * *");
    }

    static string_view suffix(unsigned day) {
        if (day / 10 == 1) return "th";
        return day % 10 == 1 ? "st" : day % 10 == 2 ? "nd" : day % 10 == 3 ? "rd" : "th";
    }

    std::string each_time(const std::string& dates) const {
        std::string text;
        for (const auto [hour, minute] : times_)
            text += (text.empty() ? "" : " ; ") + std::to_string(minute) + " " +
                    std::to_string(hour) + " " + dates;
        return text;
    }

    std::vector<std::string> words_;
    std::size_t at_ = 0;
    std::string days_;
    std::vector<Time> times_;
};

}  // namespace

std::optional<std::string> cron_of_phrase(string_view text) {
    text = trimmed(text);
    const bool may_be = !text.empty() && (lower(text[0]) == 'a' || lower(text[0]) == 'e');
    if (!may_be || text.size() > kLongestPhrase) return std::nullopt;
    return Phrase(words_of(text)).compile();
}

}  // namespace cjv::schedule

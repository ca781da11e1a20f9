#include "schedule/refusal.h"

namespace cjv::schedule {

std::string sentence(const Refusal& refusal) {
    std::string text;
    if (!refusal.field.empty()) text += refusal.field + " field";
    if (refusal.column > 0) {
        text += text.empty() ? "column " : ", column ";
        text += std::to_string(refusal.column);
    }
    if (!text.empty()) text += ": ";
    text += refusal.message;
    if (!refusal.hint.empty()) text += "; " + refusal.hint;
    return text;
}

std::string start_of_year(int year) { return std::to_string(year) + "-01-01"; }

}  // namespace cjv::schedule

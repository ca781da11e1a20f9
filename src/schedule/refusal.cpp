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

}  // namespace cjv::schedule

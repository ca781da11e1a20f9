#include "schedule/json.h"

namespace cjv::schedule {

void write(json::Writer& out, const Suggestion& suggestion) {
    out.begin_object();
    out.field("schedule", suggestion.schedule);
    if (!suggestion.timezone.empty()) out.field("timezone", suggestion.timezone);
    if (suggestion.day_match) out.field("day_match", to_text(*suggestion.day_match));
    if (suggestion.type) out.field("schedule_type", to_text(*suggestion.type));
    if (suggestion.year != 0) {
        out.field("start_at", start_of_year(suggestion.year));
        out.field("end_at", start_of_year(suggestion.year + 1));
    }
    out.end_object();
}

void write(json::Writer& out, const Refusal& refusal) {
    out.begin_object();
    out.field("field", refusal.field.empty() ? std::nullopt : std::optional(refusal.field));
    out.field("column", refusal.column == 0 ? std::nullopt : std::optional(refusal.column));
    out.field("code", refusal.code);
    out.field("message", sentence(refusal));
    if (!refusal.hint.empty()) out.field("hint", refusal.hint);
    if (refusal.suggest) {
        out.key("suggest");
        write(out, *refusal.suggest);
    }
    out.end_object();
}

void write(json::Writer& out, const std::vector<Warning>& warnings) {
    out.begin_array();
    for (const auto& warning : warnings) {
        out.begin_object();
        out.field("code", warning.code);
        out.field("message", warning.message);
        out.field("strong", warning.strong);
        if (warning.suggest) {
            out.key("suggest");
            write(out, *warning.suggest);
        }
        out.end_object();
    }
    out.end_array();
}

}  // namespace cjv::schedule

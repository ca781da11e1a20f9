#include "store/observations.h"

#include "store/lifecycle.h"
#include "store/outbox.h"
#include "store/outputs.h"
#include "store/people.h"
#include "store/sent_marks.h"
#include "store/tasks.h"
#include "store/throttles.h"

namespace cjv::store {

std::uint64_t size_of(const Observation& observation) {
    const auto* round = std::get_if<PackedRound>(&observation);
    return round ? size_of(*round) : 0;
}

std::string subject_of(const Observation& observation) {
    return std::visit(
        [](const auto& told) -> std::string {
            if constexpr (requires { told.run; })
                return to_text(told.run);
            else if constexpr (requires { told.task_id; })
                return told.task_id;
            else
                return "";
        },
        observation);
}

std::optional<Observation> essence_of(const Observation& observation) {
    if (const auto* ended = std::get_if<Ended>(&observation))
        return Ended{.run = ended->run,
                     .at = ended->at,
                     .status = ended->status,
                     .reason = ended->reason,
                     .exit_code = ended->exit_code};
    if (const auto* news = std::get_if<TaskNews>(&observation);
        news && domain::is_final(news->status))
        return TaskNews{.task_id = news->task_id,
                        .seen_at = news->seen_at,
                        .status = news->status,
                        .reason = news->reason,
                        .attempt = news->attempt,
                        .sent_at = news->sent_at,
                        .received_at = news->received_at,
                        .started_at = news->started_at,
                        .ended_at = news->ended_at};
    if (const auto* sent = std::get_if<SentRun>(&observation)) return *sent;
    return std::nullopt;
}

std::vector<Observation> pieces_of(const Observation& observation) {
    const auto* sent = std::get_if<Sent>(&observation);
    if (sent == nullptr || sent->batch->items.empty()) return {};
    const auto bare = bare_batch(*sent->batch);
    std::vector<Observation> pieces;
    pieces.reserve(sent->batch->items.size() + 1);
    for (const auto& item : sent->batch->items)
        pieces.emplace_back(SentRun{
            .run = item.run, .batch = bare, .at = sent->at, .installation = sent->installation});
    pieces.emplace_back(Sent{.batch = bare, .at = sent->at, .installation = sent->installation});
    return pieces;
}

std::optional<Observation> mark_of(const Observation& observation) {
    if (const auto* sent = std::get_if<SentRun>(&observation)) return SentMark{*sent};
    return std::nullopt;
}

Result<void> apply_observation(Transaction& tx, const Observation& observation) {
    struct Apply {
        Transaction& tx;
        Result<void> operator()(const PendingReason& told) const {
            return set_reason(tx, told.run, told.reason);
        }
        Result<void> operator()(const Started& started) const { return start_run(tx, started); }
        Result<void> operator()(const PackedRound& round) const { return record_output(tx, round); }
        Result<void> operator()(const Sent& sent) const { return confirm(tx, sent); }
        Result<void> operator()(const SentRun& sent) const {
            const auto done = confirm_one(tx, sent.run, sent.sent());
            return done ? drop_mark(tx, sent.run) : done;
        }
        Result<void> operator()(const SentMark& mark) const { return keep_mark(tx, mark); }
        Result<void> operator()(const Ended& ended) const { return end_run(tx, ended); }
        Result<void> operator()(const TaskNews& news) const { return record_news(tx, news); }
        Result<void> operator()(const SessionUsed& used) const {
            return mark_session_used(tx, used.hash, used.at);
        }
        Result<void> operator()(const ThrottleRow& row) const { return record_throttle(tx, row); }
    };
    return std::visit(Apply{tx}, observation);
}

}  // namespace cjv::store

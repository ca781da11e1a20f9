#include "monitor/results.h"

#include <memory>

namespace cjv::monitor {

net::Commands Results::get(std::size_t count,
                           const std::function<std::string_view(std::size_t)>& id) const {
    std::vector<std::string> keys;
    keys.reserve(count);
    for (std::size_t i = 0; i < count; ++i) keys.push_back(celery::result_key(prefix_, id(i)));
    std::vector<std::string_view> words = {"MGET"};
    words.insert(words.end(), keys.begin(), keys.end());
    net::Commands commands;
    commands.add(words);
    return commands;
}

Results::Texts Results::texts_of(const net::Answer& answer) {
    Texts texts;
    if (!answer || answer->size() != 1 || !(*answer)[0].is(net::ReplyType::array)) return texts;
    const net::Reply all = (*answer)[0];
    for (std::size_t i = 0; i < all.size(); ++i) texts.emplace_back(all[i].text());
    return texts;
}

Result<std::vector<celery::ReadResult>> Results::read(std::span<const std::string> task_ids) {
    if (task_ids.empty()) return std::vector<celery::ReadResult>();
    const net::Answer answer = redis_.ask(
        get(task_ids.size(), [&](std::size_t i) { return std::string_view(task_ids[i]); }));
    if (!answer) return std::unexpected(answer.error().error);
    if (const auto trouble = answer->trouble(); trouble != net::Trouble::none)
        return fail(Errc::unavailable, std::string(net::advice_on(trouble)));
    const Texts texts = texts_of(answer);
    if (texts.size() != task_ids.size())
        return fail(Errc::corrupt, "the result backend did not answer as asked");
    celery::ResultReader reader;
    std::vector<celery::ReadResult> results;
    for (const std::string& text : texts)
        results.push_back(text.empty() ? celery::ReadResult() : reader.read(text));
    return results;
}

void Results::fetch(std::vector<store::TaskNews> news,
                    std::function<void(std::vector<store::TaskNews>, Texts)> then) {
    net::Commands commands =
        get(news.size(), [&](std::size_t i) { return std::string_view(news[i].task_id); });
    // A function that is handed over must be copyable, and the news shall not be copied.
    auto kept = std::make_shared<std::vector<store::TaskNews>>(std::move(news));
    redis_.send(std::move(commands),
                [kept = std::move(kept), then = std::move(then)](const net::Answer& answer) {
                    then(std::move(*kept), texts_of(answer));
                });
}

}  // namespace cjv::monitor

#include "web/api/events.h"

namespace cjv::web {
namespace {

// `topics=run,job`; all of them without it.
Result<Topics> read_topics(const Request& request) {
    const auto text = request.parameter("topics");
    if (!text || text->empty()) return kAllTopics;
    Topics topics{};
    for (const auto word : split_list(*text)) {
        const auto topic = topic_from(word);
        if (!topic)
            return refuse("topics", "invalid_choice",
                          "Select a valid choice. " + std::string(word) +
                              " is not one of the available choices.");
        topics[std::size_t(*topic)] = true;
    }
    return topics;
}

}  // namespace

Response follow_events(const Request& request, Context& app) {
    const auto topics = read_topics(request);
    if (!topics) return problem(request, topics.error());
    return event_stream(app.events.open(*topics, request.header("last-event-id")));
}

}  // namespace cjv::web

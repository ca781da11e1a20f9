#include "web/follow.h"

#include "base/base64.h"
#include "base/json.h"
#include "base/utf8.h"
#include "domain/run.h"

namespace cjv::web {
namespace {

constexpr std::uint64_t kAtOnce = 256 * 1024;  // bytes of output

}  // namespace

class Follow::Reader final : public Source {
public:
    Reader(store::Store& store, const RunId& run, std::int64_t after,
           std::optional<store::Stream> only)
        : store_(store), run_(run), after_(after), only_(only) {}

    bool reads_store() const override { return true; }

    Piece next() override {
        Piece piece;
        // The status first: what a final run printed is all there when its end is.
        const auto run = store_.find_run(run_);
        if (!run || !*run) return {.end = true};
        const auto chunks = store_.output_after(run_, after_, kAtOnce);
        if (!chunks) return {.end = true};

        for (const auto& chunk : *chunks) append(piece.bytes, chunk);
        piece.more = !chunks->empty();
        if (chunks->empty() && domain::is_final((*run)->status)) {
            append_end(piece.bytes, **run);
            piece.end = true;
        }
        return piece;
    }

private:
    void append(std::string& out, const store::OutputChunk& chunk) {
        const std::string id = std::to_string(chunk.number);
        // After a resume we do not know what came before the first chunk.
        if (expected_ && chunk.offset > *expected_) append_cut(out, id, chunk.offset - *expected_);
        if (!expected_ && after_ == 0 && chunk.offset > 0) append_cut(out, id, chunk.offset);
        expected_ = chunk.offset + chunk.bytes.size();
        after_ = chunk.number;
        if (only_ && chunk.stream != *only_) return;
        append_event(out, "chunk", id, chunk_json(chunk));
    }

    static void append_cut(std::string& out, std::string_view id, std::uint64_t bytes) {
        append_event(out, "cut", id, "{\"bytes\":" + std::to_string(bytes) + "}");
    }

    void append_end(std::string& out, const domain::Run& run) const {
        if (expected_ && run.output_size > *expected_)
            append_cut(out, std::to_string(after_), run.output_size - *expected_);
        append_event(out, "end", std::to_string(after_),
                     "{\"status\":\"" + std::string(to_text(run.status)) + "\"}");
    }

    store::Store& store_;
    const RunId run_;
    std::int64_t after_;
    const std::optional<store::Stream> only_;
    std::optional<std::uint64_t> expected_;  // where the next chunk begins when nothing was cut
};

void Follow::on_commit(const store::Commit& commit) {
    using What = store::Change::What;
    const std::scoped_lock lock(mutex_);
    if (wakers_.empty()) return;
    for (const auto& change : commit.changes) {
        if (change.what != What::output && change.what != What::run) continue;
        const auto [first, last] = wakers_.equal_range(change.run);
        for (auto it = first; it != last; ++it)
            if (const auto waker = it->second.lock()) waker->wake();
    }
}

std::shared_ptr<Source> Follow::open(const RunId& run, std::int64_t after,
                                     std::optional<store::Stream> only) {
    auto reader = std::make_shared<Reader>(store_, run, after, only);
    const std::scoped_lock lock(mutex_);
    std::erase_if(wakers_, [](const auto& entry) { return entry.second.expired(); });
    wakers_.emplace(run, reader->waker());
    return reader;
}

std::string chunk_json(const store::OutputChunk& chunk) {
    std::string data;
    json::Writer json(data);
    json.begin_object();
    json.field("stream", chunk.stream == store::Stream::out ? "stdout" : "stderr");
    json.field("offset", std::int64_t(chunk.offset));
    json.field("at", chunk.at);
    if (is_utf8(chunk.bytes))
        json.field("text", chunk.bytes);
    else
        json.field("base64", base64(chunk.bytes));
    json.end_object();
    return data;
}

}  // namespace cjv::web

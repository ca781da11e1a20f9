// /api/cron-job-logs/{id}/output/: what a run printed, at once or while it prints it.

#include "web/api/output.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <utility>

#include "web/api/logs.h"

namespace cjv::web {
namespace {

using domain::Run;

constexpr std::uint64_t kStep = 256 * 1024;  // of output, read at once

std::string cut_line(std::uint64_t bytes) {
    return fmt::format("\n[… {} bytes were cut …]\n", bytes);
}

// The kept bytes of a run in order, and a marker line wherever some are missing.
class OutputText {
public:
    void add(const store::OutputChunk& chunk, std::optional<store::Stream> only) {
        if (chunk.offset > expected_) text += cut_line(chunk.offset - expected_);
        expected_ = chunk.offset + chunk.bytes.size();
        if (!only || chunk.stream == *only) text += chunk.bytes;
    }
    // What lies behind the last chunk was cut, or is still to come.
    void finish(const Run& run) {
        if (is_final(run.status) && run.output_size > expected_)
            text += cut_line(run.output_size - expected_);
    }

    std::string text;

private:
    std::uint64_t expected_ = 0;
};

// What a run has printed until it is asked, step by step.
class OutputReader {
public:
    OutputReader(store::Store& store, Run run, std::optional<store::Stream> only)
        : store_(store), run_(std::move(run)), only_(only) {}

    // What comes next; empty: that was all.
    Result<std::string> next() {
        while (!is_done_ && output_.text.empty()) {
            const auto chunks = store_.output_after(run_.id, after_, kStep);
            if (!chunks) return std::unexpected(chunks.error());
            for (const auto& chunk : *chunks) add(chunk);
            if (chunks->empty()) finish();
        }
        return std::exchange(output_.text, {});
    }

private:
    void add(const store::OutputChunk& chunk) {
        after_ = chunk.number;
        if (is_done_ || chunk.offset >= run_.output_size) return finish();
        output_.add(chunk, only_);
    }
    void finish() {
        if (!std::exchange(is_done_, true)) output_.finish(run_);
    }

    store::Store& store_;
    const Run run_;
    const std::optional<store::Stream> only_;
    std::int64_t after_ = 0;
    bool is_done_ = false;
    OutputText output_;
};

Result<std::uint64_t> length_of(OutputReader reader) {
    std::uint64_t length = 0;
    for (;;) {
        const auto piece = reader.next();
        if (!piece) return std::unexpected(piece.error());
        if (piece->empty()) return length;
        length += piece->size();
    }
}

Result<std::optional<store::Stream>> read_stream(const Request& request) {
    const auto text = request.parameter("stream");
    if (!text || text->empty()) return std::optional<store::Stream>{};
    if (*text == "stdout") return std::optional(store::Stream::out);
    if (*text == "stderr") return std::optional(store::Stream::err);
    return refuse("stream", "invalid_choice", "Expected stdout or stderr.");
}

struct ByteRange {
    std::uint64_t first = 0, last = 0;  // both included
};
enum class RangeAsked { none, usable, unsatisfiable };

// One range of bytes (RFC 9110, 14.1.2). A header that is none, or asks for several, is ignored.
RangeAsked read_range(std::string_view header, std::uint64_t size, ByteRange& range) {
    constexpr std::string_view kUnit = "bytes=";
    if (!header.starts_with(kUnit) || header.find(',') != header.npos) return RangeAsked::none;
    header.remove_prefix(kUnit.size());
    const auto dash = header.find('-');
    if (dash == header.npos) return RangeAsked::none;
    const auto number = [](std::string_view text) -> std::optional<std::uint64_t> {
        std::uint64_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
        return value;
    };
    const auto first = number(header.substr(0, dash)), last = number(header.substr(dash + 1));
    if (!first && dash > 0) return RangeAsked::none;
    if (!last && dash + 1 < header.size()) return RangeAsked::none;
    if (!first) {  // the last so many
        if (!last) return RangeAsked::none;
        if (*last == 0 || size == 0) return RangeAsked::unsatisfiable;
        range = {size - std::min(*last, size), size - 1};
        return RangeAsked::usable;
    }
    if (last && *last < *first) return RangeAsked::none;
    if (*first >= size) return RangeAsked::unsatisfiable;
    range = {*first, std::min(last.value_or(size - 1), size - 1)};
    return RangeAsked::usable;
}

// The bytes of `range` alone.
Pieces pieces_of(OutputReader reader, const ByteRange& range) {
    struct Left {
        OutputReader reader;
        std::uint64_t skip, size;
    };
    const std::uint64_t size = range.last - range.first + 1;
    auto left = std::make_shared<Left>(std::move(reader), range.first, size);
    return {.size = size, .next = [left]() -> std::optional<std::string> {
                while (left->size > 0) {
                    auto piece = left->reader.next();
                    if (!piece || piece->empty()) return std::nullopt;  // was cleaned up meanwhile
                    const auto skipped = std::min<std::uint64_t>(left->skip, piece->size());
                    left->skip -= skipped;
                    std::string wanted = piece->substr(skipped, left->size);
                    left->size -= wanted.size();
                    if (!wanted.empty()) return wanted;
                }
                return std::string();
            }};
}

// Of a run that goes on: its tail may be cut while it is read, so nobody knows how much it will be.
Pieces pieces_of(OutputReader reader) {
    auto shared = std::make_shared<OutputReader>(std::move(reader));
    return {.size = std::nullopt, .next = [shared]() -> std::optional<std::string> {
                auto piece = shared->next();
                if (!piece) return std::nullopt;
                return *std::move(piece);
            }};
}

Response in_pieces(int status, Pieces pieces) {
    Response response = text(status, {});
    response.pieces = std::make_shared<Pieces>(std::move(pieces));
    return response;
}

Response final_output(const Request& request, const OutputReader& reader) {
    const auto size = length_of(reader);
    if (!size) return problem(request, size.error());
    ByteRange range;
    const RangeAsked asked = read_range(request.header("Range"), *size, range);
    if (asked == RangeAsked::unsatisfiable) {
        Response response =
            refusal(request, 416, "range_not_satisfiable", "There are no such bytes.");
        add_header(response, "Content-Range", fmt::format("bytes */{}", *size));
        return response;
    }
    if (*size == 0) return text(200, {});
    if (asked == RangeAsked::none) return in_pieces(200, pieces_of(reader, {0, *size - 1}));
    Response response = in_pieces(206, pieces_of(reader, range));
    add_header(response, "Content-Range",
               fmt::format("bytes {}-{}/{}", range.first, range.last, *size));
    return response;
}

Response follow_output(const Request& request, Context& app, const Run& run,
                       std::optional<store::Stream> only) {
    std::int64_t after = 0;
    const std::string_view last = request.header("Last-Event-ID");
    std::from_chars(last.data(), last.data() + last.size(),
                    after);  // none, or no number: from the start
    return event_stream(app.follow.open(run.id, after, only));
}

}  // namespace

Served show_output_served(const Request&) { return Served::pooled; }

Response show_output(const Request& request, Context& app) {
    const auto run = find_run(request, app);
    if (!run) return problem(request, run.error());
    const auto only = read_stream(request);
    if (!only) return problem(request, only.error());
    if (request.parameter("follow") == "1") return follow_output(request, app, *run, *only);

    const OutputReader reader(app.store, *run, *only);
    const bool is_whole = is_final(run->status);
    Response response =
        is_whole ? final_output(request, reader) : in_pieces(200, pieces_of(reader));
    if (response.status >= 400) return response;
    add_header(response, "Accept-Ranges", is_whole ? "bytes" : "none");
    // What a job printed is a stranger's text: to be saved, and never to be run as a page of ours.
    add_header(response, "Content-Disposition",
               "attachment; filename=\"run-" + to_text(run->id) + ".txt\"");
    return response;
}

}  // namespace cjv::web

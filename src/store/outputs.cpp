#include "store/outputs.h"

#include <limits>

#include "store/zstd.h"

namespace cjv::store {
namespace {

constexpr auto kLastNumber = "SELECT max(chunk) FROM outputs WHERE run = $1";
constexpr auto kInsert = R"sql(
    INSERT INTO outputs (run, chunk, stream, at, offset, size, bytes)
    VALUES ($1, $2, $3, $4, $5, $6, $7))sql";
constexpr auto kDrop = R"sql(
    DELETE FROM outputs WHERE run = $1 AND offset >= $2 AND offset + size <= $3)sql";
constexpr auto kPrinted = R"sql(
    UPDATE runs SET output_size = $2 WHERE id = $1 AND output_size <= $2 RETURNING job)sql";
constexpr auto kNext = R"sql(
    SELECT chunk, stream, at, offset, size, bytes FROM outputs WHERE run = $1 AND chunk > $2
    ORDER BY chunk LIMIT 1)sql";
constexpr auto kBefore = R"sql(
    SELECT chunk, stream, at, offset, size, bytes FROM outputs WHERE run = $1 AND chunk < $2
    ORDER BY chunk DESC LIMIT 1)sql";
constexpr auto kSizes = R"sql(
    SELECT chunk, length(bytes) FROM outputs WHERE run = $1 ORDER BY chunk)sql";
constexpr auto kRemove = "DELETE FROM outputs WHERE run = $1 AND chunk <= $2";

Bytes view(const std::string& bytes) {
    return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

Result<OutputChunk> read_chunk(const Row& row) {
    auto text = decompress(row.bytes(5), row.size(4));
    if (!text) return fail(text.error(), "read a chunk of output");
    return OutputChunk{.number = row.integer(0),
                       .stream = row.integer(1) == 2 ? Stream::err : Stream::out,
                       .at = row.instant(2),
                       .offset = row.size(3),
                       .bytes = *std::move(text)};
}

}  // namespace

PackedRound pack(const OutputRound& round) {
    PackedRound packed{.run = round.run,
                       .chunks = {},
                       .printed = round.printed,
                       .drop_from = round.drop_from,
                       .drop_until = round.drop_until};
    for (const OutputChunk& chunk : round.chunks)
        packed.chunks.push_back({.stream = chunk.stream,
                                 .at = chunk.at,
                                 .offset = chunk.offset,
                                 .size = chunk.bytes.size(),
                                 .bytes = compress(chunk.bytes)});
    return packed;
}

std::uint64_t size_of(const PackedRound& round) {
    std::uint64_t size = 0;
    for (const PackedChunk& chunk : round.chunks) size += chunk.bytes.size();
    return size;
}

Result<void> record_output(Transaction& tx, const PackedRound& round) {
    const auto job =
        tx.db.find(kPrinted, {round.run, round.printed}, [](const Row& row) { return row.job(0); });
    if (!job) return fail(job.error(), "count output");
    if (!*job) return {};

    const auto last =
        tx.db.find(kLastNumber, {round.run}, [](const Row& row) { return row.integer(0); });
    if (!last) return fail(last.error(), "number output");
    std::int64_t number = last->value_or(0);
    for (const PackedChunk& chunk : round.chunks) {
        const auto inserted =
            tx.db.run(kInsert, {round.run, ++number, chunk.stream == Stream::err ? 2 : 1, chunk.at,
                                chunk.offset, chunk.size, view(chunk.bytes)});
        if (!inserted) return fail(inserted.error(), "insert output");
    }
    // After the new ones are there, so that no number comes twice.
    if (round.drop_until > round.drop_from) {
        const auto dropped = tx.db.run(kDrop, {round.run, round.drop_from, round.drop_until});
        if (!dropped) return fail(dropped.error(), "drop output");
    }
    tx.draft.note_output(**job, round.run);
    return {};
}

Result<std::vector<OutputChunk>> output_after(Database& db, const RunId& run, std::int64_t after,
                                              std::uint64_t max_bytes) {
    // One by one, so that no more is read than is wanted.
    std::vector<OutputChunk> chunks;
    for (std::uint64_t bytes = 0; chunks.empty() || bytes < max_bytes;) {
        auto next = db.find(kNext, {run, after}, read_chunk);
        if (!next) return std::unexpected(next.error());
        if (!*next) break;
        if (!**next) return std::unexpected((*next)->error());
        chunks.push_back(std::move(***next));
        after = chunks.back().number;
        bytes += chunks.back().bytes.size();
    }
    return chunks;
}

Result<std::string> output_tail(Database& db, const RunId& run, std::uint64_t max_bytes) {
    std::string tail;
    for (std::int64_t before = std::numeric_limits<std::int64_t>::max(); tail.size() < max_bytes;) {
        const auto chunk = db.find(kBefore, {run, before}, read_chunk);
        if (!chunk) return std::unexpected(chunk.error());
        if (!*chunk) break;
        if (!**chunk) return std::unexpected((*chunk)->error());
        tail.insert(0, (**chunk)->bytes);
        before = (**chunk)->number;
    }
    if (tail.size() > max_bytes) tail.erase(0, tail.size() - max_bytes);
    return tail;
}

Result<RemovedOutput> remove_output(Database& db, const RunId& run, std::uint64_t max_bytes) {
    RemovedOutput removed;
    std::int64_t last = 0;
    const auto read = db.query(kSizes, {run}, [&](const Row& row) {
        if (removed.left || (last != 0 && removed.bytes + row.size(1) > max_bytes)) {
            removed.left = true;
            return;
        }
        last = row.integer(0);
        removed.bytes += row.size(1);
    });
    if (!read) return std::unexpected(read.error());
    if (last == 0) return removed;
    if (const auto gone = db.run(kRemove, {run, last}); !gone) return std::unexpected(gone.error());
    return removed;
}

}  // namespace cjv::store

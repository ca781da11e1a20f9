#include "store/readers.h"

namespace cjv::store {

Result<std::unique_ptr<Readers>> Readers::open(const std::string& path, int count,
                                               std::function<void()> on_bad_file) {
    auto readers = std::make_unique<Readers>();
    readers->on_bad_file_ = std::move(on_bad_file);
    for (int i = 0; i < count; ++i) {
        auto db = Database::open(path, Access::reader);
        if (!db) return fail(db.error(), "open reader");
        readers->free_.push_back(std::make_unique<Database>(*std::move(db)));
    }
    return readers;
}

std::unique_ptr<Database> Readers::take() {
    std::unique_lock lock(mutex_);
    free_again_.wait(lock, [this] { return !free_.empty(); });
    auto db = std::move(free_.back());
    free_.pop_back();
    return db;
}

void Readers::give_back(std::unique_ptr<Database> db) {
    {
        const std::scoped_lock lock(mutex_);
        free_.push_back(std::move(db));
    }
    free_again_.notify_one();
}

}  // namespace cjv::store

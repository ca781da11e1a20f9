#pragma once
// Read-only connections, lent to one reader at a time. What is read under one loan is one state of the database.

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <type_traits>
#include <vector>

#include "store/sqlite.h"

namespace cjv::store {

class Readers {
public:
    // `on_bad_file` is called by whichever thread has found that the file is damaged; it may be more than once.
    static Result<std::unique_ptr<Readers>> open(const std::string& path, int count,
                                                 std::function<void()> on_bad_file);

    // Calls `work` with a connection, and waits while all are lent. `work` returns a Result. Any thread.
    template <class Work>
    auto read(Work work) -> std::invoke_result_t<Work, Database&> {
        const Loan loan(*this);
        auto found = read_under(loan.db(), work);
        if (!found && loan.db().damage() == Damage::file) on_bad_file_();
        return found;
    }

private:
    class Loan {
    public:
        explicit Loan(Readers& readers) : readers_(readers), db_(readers.take()) {}
        ~Loan() { readers_.give_back(std::move(db_)); }
        Loan(const Loan&) = delete;
        Loan& operator=(const Loan&) = delete;
        Database& db() const { return *db_; }

    private:
        Readers& readers_;
        std::unique_ptr<Database> db_;
    };

    template <class Work>
    static auto read_under(Database& db, Work& work) -> std::invoke_result_t<Work, Database&> {
        auto scope = Scope::open(db, Scope::Kind::read);
        if (!scope) return std::unexpected(scope.error());
        return work(db);
    }

    std::unique_ptr<Database> take();
    void give_back(std::unique_ptr<Database> db);

    std::mutex mutex_;
    std::condition_variable free_again_;
    std::vector<std::unique_ptr<Database>> free_;
    std::function<void()> on_bad_file_;
};

}  // namespace cjv::store

#pragma once
// Read-only connections, lent to one reader at a time. What is read under one loan is one state of the database.

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <type_traits>
#include <vector>

#include "store/sqlite.h"

namespace cjv::store {

class Readers {
public:
    static Result<std::unique_ptr<Readers>> open(const std::string& path, int count);

    // Calls `work` with a connection, and waits while all are lent. `work` returns a Result. Any thread.
    template <class Work>
    auto read(Work work) -> std::invoke_result_t<Work, Database&> {
        const Loan loan(*this);
        auto scope = Scope::open(loan.db(), Scope::Kind::read);
        if (!scope) return std::unexpected(scope.error());
        return work(loan.db());
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

    std::unique_ptr<Database> take();
    void give_back(std::unique_ptr<Database> db);

    std::mutex mutex_;
    std::condition_variable free_again_;
    std::vector<std::unique_ptr<Database>> free_;
};

}  // namespace cjv::store

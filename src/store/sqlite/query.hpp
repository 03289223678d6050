#pragma once
// A statement with its parameters and columns typed, prepared at its first use and kept: SOCI binds by
// address, so the values live here. One connection, one thread.
//
//     Query<In<std::string>, Out<long long, Text>> find(connection, "SELECT a, b FROM t WHERE id = :id");
//     if (const auto row = find.one(id)) { auto [a, b] = *row; … }
#include <soci/boost-optional.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "store/sqlite/connection.hpp"

namespace pulse::store::sqlite {

using Text = std::string;
using MaybeText = boost::optional<std::string>;  // NULL when empty
using Integer = long long;

template <class... T>
using In = std::tuple<T...>;
template <class... T>
using Out = std::tuple<T...>;

template <class Parameters, class Columns = Out<>>
class Query {
public:
    // Each :name of `sql` must stand in the order of Parameters, and once.
    Query(Connection& connection, std::string sql) : connection_(connection), sql_(std::move(sql)) {}
    Query(const Query&) = delete;
    Query& operator=(const Query&) = delete;

    // Calls use(columns) for each row; use returns false to end early, or nothing.
    template <class Use, class... Args>
    void each(Use&& use, Args&&... args) {
        const Cursor cursor(*this, std::forward<Args>(args)...);
        for (bool more = cursor.first; more; more = statement_->fetch()) {
            if constexpr (std::is_void_v<decltype(use(columns_))>) {
                use(columns_);
            } else if (!use(columns_)) {
                break;
            }
        }
    }

    template <class... Args>
    std::optional<Columns> one(Args&&... args) {
        const Cursor cursor(*this, std::forward<Args>(args)...);
        if (!cursor.first) return std::nullopt;
        return std::move(columns_);
    }

    // How many rows were changed.
    template <class... Args>
    Integer run(Args&&... args) {
        const Cursor cursor(*this, std::forward<Args>(args)...);
        return statement_->get_affected_rows();
    }

private:
    // A statement left in the middle would keep its snapshot of the database, so every use ends in a reset.
    struct Cursor {
        template <class... Args>
        Cursor(Query& q, Args&&... args) : query(q) {
            if (!query.statement_) query.prepare();
            query.parameters_ = Parameters(std::forward<Args>(args)...);
            try {
                first = query.statement_->execute(true);
            } catch (...) {
                query.reset();
                throw;
            }
        }
        ~Cursor() { query.reset(); }
        Cursor(const Cursor&) = delete;
        Cursor& operator=(const Cursor&) = delete;
        Query& query;
        bool first = false;
    };

    void reset() { sqlite_api::sqlite3_reset(raw_statement(*statement_)); }

    // SOCI hides the type information of its back-ends, without which UBSan cannot check this cast.
    [[clang::no_sanitize("vptr")]] static sqlite_api::sqlite3_stmt* raw_statement(
        soci::statement& statement) {
        return static_cast<soci::sqlite3_statement_backend*>(statement.get_backend())->stmt_;
    }

    void prepare() {
        auto statement = std::make_unique<soci::statement>(connection_.session());
        std::apply([&](auto&... column) { (statement->exchange(soci::into(column)), ...); }, columns_);
        std::apply([&](auto&... parameter) { (statement->exchange(soci::use(parameter)), ...); },
                   parameters_);
        statement->alloc();
        statement->prepare(sql_);
        statement->define_and_bind();
        statement_ = std::move(statement);
    }

    Connection& connection_;
    const std::string sql_;
    Parameters parameters_;
    Columns columns_;
    std::unique_ptr<soci::statement> statement_;
};

}  // namespace pulse::store::sqlite

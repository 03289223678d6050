#include "store/postgres/adoption.hpp"

#include <algorithm>
#include <string_view>

namespace pulse::store::postgres {
namespace {

constexpr std::string_view names[] = {"users", "businesses", "business_metrics"};

struct Column {
    std::string_view table;
    std::string_view name;
    std::string_view types;  // one of these, as format_type() writes them without a length; empty: any
    std::string_view asked;  // the same, for people
};

constexpr std::string_view uuid = "|uuid|";
constexpr std::string_view text = "|text|character varying|citext|";
constexpr std::string_view time = "|timestamp without time zone|timestamp with time zone|";
constexpr std::string_view whole = "|smallint|integer|bigint|";

constexpr Column columns[] = {
    {"users", "id", uuid, "uuid"},
    {"users", "email", text, "text or varchar"},
    {"users", "password_hash", text, "text or varchar"},
    {"users", "role", "", "an enum or text"},
    {"businesses", "id", uuid, "uuid"},
    {"businesses", "user_id", uuid, "uuid"},
    {"businesses", "name", text, "text or varchar"},
    {"businesses", "logo_url", text, "text or varchar"},
    {"businesses", "category", text, "text or varchar"},
    {"businesses", "status", "", "an enum or text"},
    {"businesses", "is_verified", "|boolean|", "boolean"},
    {"businesses", "stealth_mode_enabled", "|boolean|", "boolean"},
    {"businesses", "created_at", time, "timestamp"},
    {"businesses", "updated_at", time, "timestamp"},
    {"business_metrics", "id", uuid, "uuid"},
    {"business_metrics", "business_id", uuid, "uuid"},
    {"business_metrics", "demand_listing_id", "", "uuid"},
    {"business_metrics", "metric_date", "|date|", "date"},
    {"business_metrics", "views_count", whole, "integer or bigint"},
    {"business_metrics", "clicks_count", whole, "integer or bigint"},
    {"business_metrics", "property_invites_count", whole, "integer or bigint"},
    {"business_metrics", "declined_count", whole, "integer or bigint"},
    {"business_metrics", "messages_count", whole, "integer or bigint"},
    {"business_metrics", "qfps_submitted_count", whole, "integer or bigint"},
    {"business_metrics", "created_at", time, "timestamp"},
    {"business_metrics", "updated_at", time, "timestamp"},
};

// In the schemas of the search path, without our own. A view cannot have the triggers we need, and what is
// written into one part of a partitioned table fires none of the whole's.
const Statement tables_there{
    "SELECT DISTINCT ON (c.relname) c.relname, quote_ident(n.nspname), c.relkind = 'r',"
    " EXISTS (SELECT FROM pg_inherits i WHERE i.inhparent = c.oid), n.oid"
    " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relname = ANY (ARRAY['users', 'businesses', 'business_metrics'])"
    " AND c.relkind IN ('r', 'v', 'm', 'f', 'p') AND n.nspname <> 'pulseboard'"
    " AND n.nspname = ANY (current_schemas(false))"
    " ORDER BY c.relname, array_position(current_schemas(false), n.nspname)"};
const Statement columns_there{
    "SELECT c.relname, a.attname, format_type(a.atttypid, NULL) FROM pg_attribute a"
    " JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE quote_ident(n.nspname) = $1 AND c.relname = ANY (ARRAY['users', 'businesses', "
    "'business_metrics'])"
    " AND a.attnum > 0 AND NOT a.attisdropped"};
const Statement keys_there{
    "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
    " JOIN pg_namespace n ON n.oid = c.relnamespace"
    " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0] AND a.attname = 'id'"
    " WHERE quote_ident(n.nspname) = $1 AND i.indisunique AND i.indisvalid AND i.indnkeyatts = 1"
    " AND i.indpred IS NULL"};
// For the role that migrates: the triggers run as it.
const Statement policies_there{
    "SELECT c.relname, current_user FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE quote_ident(n.nspname) = $1 AND c.relname = ANY (ARRAY['users', 'businesses', "
    "'business_metrics'])"
    " AND row_security_active(c.oid) ORDER BY c.relname"};
const Statement where_to_make{
    "SELECT quote_ident(s) FROM unnest(current_schemas(false)) WITH ORDINALITY AS one (s, n)"
    " WHERE s <> 'pulseboard' ORDER BY n LIMIT 1"};

Error unusable(const std::string& what) {
    return {ErrorCode::invalid, "the database cannot be adopted: " + what};
}

std::string type_of(const Rows& there, const Column& wanted) {
    for (int row = 0; row < there.size(); ++row)
        if (there.text(row, 0) == wanted.table && there.text(row, 1) == wanted.name)
            return std::string(there.text(row, 2));
    return {};
}

Result<HostTables> checked(Connection& connection, const std::string& schema) {
    const auto there = connection.query(columns_there, {schema});
    HostTables host{schema};
    for (const auto& wanted : columns) {
        const auto type = type_of(there, wanted);
        const auto name = std::string(wanted.table) + "." + std::string(wanted.name);
        if (type.empty())
            return unusable("the column " + name + " (" + std::string(wanted.asked) + ") is missing");
        if (!wanted.types.empty() && wanted.types.find("|" + type + "|") == std::string_view::npos)
            return unusable("the column " + name + " is " + type + ", it must be " +
                            std::string(wanted.asked));
        const bool has_zone = type == "timestamp with time zone";
        if (name == "businesses.created_at") host.created_has_zone = has_zone;
        if (name == "businesses.updated_at") host.updated_has_zone = has_zone;
    }
    const auto keys = connection.query(keys_there, {schema});
    for (const auto name : names) {
        bool found = false;
        for (int row = 0; row < keys.size(); ++row) found = found || keys.text(row, 0) == name;
        if (!found) return unusable(std::string(name) + ".id must be the primary key, or unique");
    }
    const auto policies = connection.query(policies_there, {schema});
    if (policies.size() > 0)
        return unusable("row-level security hides rows of " + std::string(policies.text(0, 0)) +
                        " from the role " + std::string(policies.text(0, 1)) +
                        ", so its sums would be wrong: use a role with BYPASSRLS, or the owner of the table"
                        " without FORCE ROW LEVEL SECURITY");
    return host;
}

}  // namespace

Result<HostTables> found_or_made_tables(Connection& connection) {
    const auto there = connection.query(tables_there);
    if (there.size() == 0) {
        const auto where = connection.query(where_to_make);
        if (where.size() == 0)
            return unusable("no schema of the search_path exists, so there is no place for tables");
        const HostTables host{std::string(where.text(0, 0))};
        connection.exec(host_tables_sql(host.schema));
        return host;
    }
    for (const auto name : names) {
        bool found = false;
        for (int row = 0; row < there.size(); ++row) found = found || there.text(row, 0) == name;
        if (!found)
            return unusable("it has the table " + std::string(there.text(0, 0)) + ", but no table " +
                            std::string(name) + " in its search_path");
    }
    for (int row = 0; row < there.size(); ++row) {
        const std::string name(there.text(row, 0));
        if (!there.flag(row, 2) || there.flag(row, 3))
            return unusable(name + " must be an ordinary table: no view, no partitions");
        if (there.text(row, 1) != there.text(0, 1))
            return unusable(name + " and " + std::string(there.text(0, 0)) + " are in different schemas");
    }
    return checked(connection, std::string(there.text(0, 1)));
}

std::optional<HostTables> host_of(Connection& connection) {
    const auto there = connection.query(tables_there);
    for (int row = 0; row < there.size(); ++row)
        if (there.text(row, 0) == "businesses") return HostTables{std::string(there.text(row, 1))};
    return std::nullopt;
}

}  // namespace pulse::store::postgres

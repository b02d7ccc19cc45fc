import JSON
import Postgres

/// Rows as JSON, each value by its SQL type.
enum RowsJSON {
    /// One row with one column: its value; otherwise an array of objects.
    static func value(_ rows: PostgresRows) -> JSONValue {
        if rows.count == 1, rows.columns.count == 1, let row = rows.first {
            return value(row, column: 0)
        }
        return .array(rows.map(object))
    }

    private static func object(_ row: PostgresRow) -> JSONValue {
        var object = JSONObject()
        for (index, column) in row.columns.enumerated() {
            object[column.name] = value(row, column: index)
        }
        return .object(object)
    }

    private static func value(_ row: PostgresRow, column: Int) -> JSONValue {
        guard let text = row.text(at: column) else { return .null }
        return value(text, type: row.columns[column].type)
    }

    /// By object identifier of the type (PostgreSQL, `pg_type.dat`).
    static func value(_ text: String, type: UInt32) -> JSONValue {
        switch type {
        case 16:  // boolean
            return .bool(text == "t")
        case 20, 21, 23, 26:  // bigint, smallint, integer, oid
            return Int64(text).map(JSONValue.integer) ?? .string(text)
        case 1700, 700, 701:  // numeric, real, double precision
            if let whole = Int64(text) { return .integer(whole) }
            guard let number = Double(text), number.isFinite else { return .string(text) }
            return .number(number)
        case 114, 3802:  // json, jsonb
            return (try? JSONValue.parse(text)) ?? .string(text)
        default:
            return .string(text)
        }
    }
}

/// The rows of one result, copied out of libpq: a value that outlives its connection.
package struct PostgresRows: Sendable {
    /// A column of the result.
    package struct Column: Hashable, Sendable {
        /// The name as the server gave it.
        package var name: String
        /// The type's object identifier (`pg_type.oid`): 20 for `bigint`.
        package var type: UInt32
    }

    /// The columns in order; empty for statements that return no rows.
    package internal(set) var columns: [Column] = []
    /// How many rows the statement inserted, updated, deleted or returned; `nil` when it says none.
    package internal(set) var affected: Int?
    /// The server's command tag: `INSERT 0 1`, `COMMIT`.
    package internal(set) var commandTag = ""

    /// All values one behind the other; `cells` says where each begins and how long it is.
    var storage: [UInt8] = []
    /// Row by row; a length of −1 is NULL.
    var cells: [Cell] = []
    private(set) var rowCount = 0

    struct Cell: Hashable, Sendable {
        var start: Int
        var length: Int
    }

    /// How much memory the values take.
    var byteCount: Int { storage.count + cells.count * MemoryLayout<Cell>.stride }

    mutating func endRow() { rowCount += 1 }
}

extension PostgresRows: RandomAccessCollection {
    package var startIndex: Int { 0 }
    package var endIndex: Int { rowCount }

    /// Traps when the position is out of bounds.
    package subscript(position: Int) -> PostgresRow {
        precondition(position >= 0 && position < rowCount, "row \(position) of \(rowCount)")
        return PostgresRow(rows: self, position: position)
    }
}

/// One row of a result; values are read by column name.
///
/// The readers throw `PostgresError` with code `.result` when there is no such column, the value is
/// NULL (unless the reader says `OrNil`) or the text is not of the type asked for.
package struct PostgresRow: Sendable {
    let rows: PostgresRows
    let position: Int

    /// The columns in order.
    package var columns: [PostgresRows.Column] { rows.columns }

    /// The text of a value by column number, `nil` for NULL; traps when out of bounds.
    package func text(at column: Int) -> String? {
        precondition(column >= 0 && column < rows.columns.count)
        let cell = rows.cells[position * rows.columns.count + column]
        guard cell.length >= 0 else { return nil }
        let range = cell.start..<(cell.start + cell.length)
        return String(decoding: rows.storage[range], as: UTF8.self)
    }

    /// The text of a value, `nil` for NULL.
    package func stringOrNil(_ column: String) throws(PostgresError) -> String? {
        guard let index = rows.columns.firstIndex(where: { $0.name == column }) else {
            let names = rows.columns.map(\.name).joined(separator: ", ")
            throw PostgresError(
                .result,
                "the result has no column \(column). Its columns are: \(names).",
                isDefinite: false
            )
        }
        return text(at: index)
    }

    /// The text of a value.
    package func string(_ column: String) throws(PostgresError) -> String {
        guard let value = try stringOrNil(column) else { throw unfit(column, "is NULL") }
        return value
    }

    /// An integer of up to 64 bits.
    package func int(_ column: String) throws(PostgresError) -> Int64 {
        guard let value = Int64(try string(column)) else {
            throw unfit(column, "is not an integer")
        }
        return value
    }

    /// An integer of up to 64 bits, `nil` for NULL.
    package func intOrNil(_ column: String) throws(PostgresError) -> Int64? {
        guard try stringOrNil(column) != nil else { return nil }
        return try int(column)
    }

    /// A floating-point number, also from `numeric`.
    package func double(_ column: String) throws(PostgresError) -> Double {
        guard let value = Double(try string(column)) else {
            throw unfit(column, "is not a number")
        }
        return value
    }

    /// A truth value.
    package func bool(_ column: String) throws(PostgresError) -> Bool {
        switch try string(column) {
        case "t": return true
        case "f": return false
        default: throw unfit(column, "is not a boolean")
        }
    }

    /// The bytes of a `bytea` (the server's hexadecimal output, its default).
    package func bytes(_ column: String) throws(PostgresError) -> [UInt8] {
        let text = Array(try string(column).utf8)
        guard text.starts(with: Array("\\x".utf8)), text.count % 2 == 0 else {
            throw unfit(column, "is not a bytea in hexadecimal form")
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 2 - 1)
        for index in stride(from: 2, to: text.count, by: 2) {
            let pair = String(decoding: text[index..<index + 2], as: UTF8.self)
            guard let byte = UInt8(pair, radix: 16) else {
                throw unfit(column, "is not a bytea in hexadecimal form")
            }
            bytes.append(byte)
        }
        return bytes
    }

    private func unfit(_ column: String, _ reason: String) -> PostgresError {
        PostgresError(
            .result,
            "column \(column) of row \(position) \(reason). Read it as another type.",
            isDefinite: false
        )
    }
}

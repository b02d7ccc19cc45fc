import CPostgres

/// Collects the results of one exchange: rows into `PostgresRows`, the first error into `outcome`.
struct ResultReader {
    let stakes: Stakes
    /// Whether the rest cannot be read: COPY, or more bytes than allowed.
    private(set) var mustAbandon = false
    private var rows = PostgresRows()
    private var error: PostgresError?

    init(stakes: Stakes) {
        self.stakes = stakes
    }

    mutating func read(_ result: OpaquePointer) {
        switch unsafe PQresultStatus(result) {
        case PGRES_SINGLE_TUPLE: unsafe append(result)
        case PGRES_TUPLES_OK:
            unsafe append(result)
            unsafe finish(result)
        case PGRES_COMMAND_OK:
            rows = PostgresRows()
            unsafe finish(result)
        case PGRES_EMPTY_QUERY: rows = PostgresRows()
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            abandon("COPY is not supported here. Use INSERT … SELECT unnest(…).", .misuse)
        default:
            if error == nil { unsafe error = failure(result) }
        }
    }

    func outcome() throws(PostgresError) -> PostgresRows {
        if let error { throw error }
        return rows
    }

    private mutating func abandon(_ reason: String, _ code: PostgresError.Code) {
        mustAbandon = true
        error = PostgresError(code, "\(stakes.name): \(reason)", isDefinite: false)
    }

    private mutating func append(_ result: OpaquePointer) {
        // After a finished result the next one of a script begins.
        if !rows.commandTag.isEmpty { rows = PostgresRows() }
        let columnCount = unsafe PQnfields(result)
        if rows.columns.isEmpty { unsafe rows.columns = columns(of: result, columnCount) }
        let rowCount = unsafe PQntuples(result)
        for row in 0..<rowCount {
            for column in 0..<columnCount { unsafe appendCell(result, row, column) }
            rows.endRow()
        }
        if rows.byteCount > ConnectionHandle.resultBytesMax {
            abandon(
                "the result is larger than \(ConnectionHandle.resultBytesMax >> 20) MiB. "
                    + "Ask for fewer rows at a time.",
                .result
            )
        }
    }

    private mutating func appendCell(_ result: OpaquePointer, _ row: Int32, _ column: Int32) {
        let start = rows.storage.count
        guard unsafe PQgetisnull(result, row, column) == 0,
            let value = unsafe PQgetvalue(result, row, column)
        else {
            rows.cells.append(PostgresRows.Cell(start: start, length: -1))
            return
        }
        let length = Int(unsafe PQgetlength(result, row, column))
        let bytes = unsafe UnsafeRawBufferPointer(start: value, count: length)
        unsafe rows.storage.append(contentsOf: bytes)
        rows.cells.append(PostgresRows.Cell(start: start, length: length))
    }

    private func columns(of result: OpaquePointer, _ count: Int32) -> [PostgresRows.Column] {
        (0..<count).map { index in
            let name = unsafe PQfname(result, index).map { unsafe String(cString: $0) } ?? ""
            return PostgresRows.Column(name: name, type: unsafe PQftype(result, index))
        }
    }

    private mutating func finish(_ result: OpaquePointer) {
        rows.commandTag = unsafe PQcmdStatus(result).map { unsafe String(cString: $0) } ?? ""
        rows.affected = unsafe PQcmdTuples(result).flatMap { unsafe Int(String(cString: $0)) }
    }

    /// The error of a failed result.
    ///
    /// A FATAL ends the session: whether a change of an open statement survived is as unknown as
    /// after a lost connection, so both are `.connection`.
    private func failure(_ result: OpaquePointer) -> PostgresError {
        let sqlState = unsafe field(result, DiagnosticField.sqlState)
        let severity = unsafe field(result, DiagnosticField.severity)
        let text =
            unsafe field(result, DiagnosticField.message)
            ?? "\(unsafe String(cString: PQresultErrorMessage(result)))".trimmed
        let isLoss = sqlState == nil || severity == "FATAL" || severity == "PANIC"
        var error = PostgresError(
            isLoss ? .connection : .server,
            "\(stakes.name): \(text)",
            sqlState: sqlState,
            isDefinite: !isLoss || stakes.lossIsDefinite
        )
        unsafe error.detail = field(result, DiagnosticField.detail)
        unsafe error.constraint = field(result, DiagnosticField.constraint)
        return error
    }

    private func field(_ result: OpaquePointer, _ code: Int32) -> String? {
        unsafe PQresultErrorField(result, code).map { unsafe String(cString: $0) }
    }
}

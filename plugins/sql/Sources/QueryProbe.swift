import ChaosModel
import ChaosPluginAPI
import JSON
import Postgres

/// `query`: one statement; a single value stays a value, everything else becomes an array of rows.
struct QueryProbe: Probe {
    func read(_ context: StepContext) async throws -> JSONValue {
        let sql = try DatabaseChoice.statement(context)
        let timeout = DatabaseChoice.timeout(context)
        let connection = try await PostgresConnection.connect(
            DatabaseChoice.conninfo(context),
            timeout: timeout
        )
        defer { connection.close() }
        let rows = try await connection.transaction(timeout: timeout) { connection in
            try await connection.simple("SET TRANSACTION READ ONLY", timeout: timeout)
            return try await connection.query(sql, timeout: timeout)
        }
        let limit = context.arguments["rows-maximum"]?.integerValue ?? 1000
        guard rows.count <= limit else {
            throw SQLError(
                "the answer has \(rows.count) rows, more than \(limit) — argument sql."
                    + " Count in the statement, add LIMIT, or raise rows-maximum."
            )
        }
        return RowsJSON.value(rows)
    }
}

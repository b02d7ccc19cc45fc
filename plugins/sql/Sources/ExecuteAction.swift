import ChaosPluginAPI
import JSON
import Postgres

/// `execute`: one statement that changes data, in a transaction of its own.
struct ExecuteAction: Action {
    func perform(_ context: StepContext) async throws -> JSONValue {
        let sql = try DatabaseChoice.statement(context)
        let timeout = DatabaseChoice.timeout(context)
        let connection = try await PostgresConnection.connect(
            DatabaseChoice.conninfo(context),
            timeout: timeout
        )
        defer { connection.close() }
        let rows = try await connection.transaction(timeout: timeout) { connection in
            try await connection.query(sql, timeout: timeout)
        }
        return RowsJSON.value(rows)
    }
}

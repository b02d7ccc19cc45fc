import JSON
package import Postgres
import Telemetry

// Statements as steps of a trace; names are those of OpenTelemetry's conventions for databases.
extension ServiceContext {
    /// Runs a statement as a step of the current trace; outside of one it costs a comparison.
    ///
    /// `summary` is the operation with its main target: `INSERT orders`. The time includes the wait
    /// for a connection, or for a transaction that is shared.
    package func traced<T>(
        _ summary: String,
        _ body: () async throws -> T
    ) async throws -> T {
        guard var span = tracer.child(summary, .client) else { return try await body() }
        span.set("db.system.name", "postgresql")
        span.set("db.query.summary", .string(summary))
        if let database = configuration.role.databases.first {
            span.set("db.namespace", .string(database.rawValue))
        }
        defer { tracer.end(span) }
        do {
            return try await body()
        } catch {
            if let state = (error as? PostgresError)?.sqlState {
                span.set("db.response.status_code", .string(state))
            }
            let code = (error as? PostgresError)?.sqlState ?? "\(type(of: error))"
            span.fail("\(error)", type: code)
            throw error
        }
    }

    /// The statement with a comment that names the trace, for the database's own logs and views.
    ///
    /// Only for statements that run alone and only when the trace is sampled: a text of its own is
    /// planned anew, and nobody else can share its transaction.
    package func commented(_ sql: String) -> String {
        guard let trace = TraceContext.current, trace.isSampled else { return sql }
        return "\(sql) \(trace.sqlComment)"
    }

    /// The trace of what is being done, for a column that passes it on.
    package var traceValue: PostgresValue? {
        TraceContext.current.map { .string($0.stored) }
    }
}

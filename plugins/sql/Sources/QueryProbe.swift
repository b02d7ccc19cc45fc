import ChaosModel
import ChaosPluginAPI
import JSON
import Postgres

/// `query`: one statement; a single value stays a value, everything else becomes an array of rows.
struct QueryProbe: Probe {
    func read(_ context: StepContext) async throws -> JSONValue {
        guard let sql = context.arguments["sql"]?.stringValue else {
            throw SQLError("there is no statement — argument sql. Give one as a string.")
        }
        let timeout = Duration.milliseconds(
            Int64(context.arguments["timeout"]?.doubleValue ?? 10_000)
        )
        let connection = try await PostgresConnection.connect(conninfo(context), timeout: timeout)
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

    private func conninfo(_ context: StepContext) throws -> String {
        let database = context.arguments["database"]?.stringValue
        switch (database, context.arguments["conninfo"]?.stringValue) {
        case (nil, let conninfo?):
            return conninfo
        case (let service?, nil):
            return try observer(of: service, context.system)
        case (nil, nil), (_?, _?):
            throw SQLError(
                "which database is not clear — arguments database and conninfo."
                    + " Give exactly one of them."
            )
        }
    }

    private func observer(of service: String, _ system: SystemDescription?) throws -> String {
        guard let system else {
            throw SQLError(
                "there is no system with a database of \(service) — argument database."
                    + " Set the experiment's \"system\", or use conninfo."
            )
        }
        guard let database = system.databases.first(where: { $0.service == service }) else {
            let known = system.databases.map(\.service).joined(separator: ", ")
            throw SQLError(
                "\(service) has no database — argument database."
                    + " The databases of \(system.name) are those of: \(known)."
            )
        }
        guard let observer = database.observer else {
            throw SQLError(
                "the database of \(service) cannot be observed — system \(system.name)."
                    + " Start the system first."
            )
        }
        return observer
    }
}

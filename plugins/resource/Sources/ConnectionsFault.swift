import ChaosModel
import ChaosPluginAPI
import JSON
import Postgres
import Synchronization

/// Holds the connections of a PostgreSQL server until hardly any is left.
final class ConnectionsFault: Fault {
    /// More than any sensible server allows.
    private static let heldMax = 1000
    /// Clients that are put out come back at once; they are put out again, at most this often.
    private static let roundsMax = 20
    private static let timeout = Duration.seconds(2)
    /// SQLSTATE too_many_connections.
    private static let full = "53300"

    /// Ours from `inject` to `revert`; they die with the runner.
    private let held = Mutex<[PostgresConnection]>([])

    func prepare(_ context: StepContext) async throws -> UndoRecord {
        guard case .service(let service)? = context.target else {
            throw ResourceError("there is no service — target. Write {\"service\": \"a\"}.")
        }
        let database = context.system?.databases.first { $0.service == service }
        guard let observer = database?.observer else {
            throw ResourceError(
                "its database is not known — service \(service). Start the system first"
                    + " (chaos shop up), or describe an observer in its system.json."
            )
        }
        let connection = try await PostgresConnection.connect(observer, timeout: Self.timeout)
        defer { connection.close() }
        let limit = try await connection.query("SHOW max_connections")
        let name = Tag.name(context)
        return UndoRecord(
            plugin: "resource",
            function: "connections",
            target: service,
            state: [
                "server": .string(observer),
                "name": .string(name),
                "limit": .integer(try limit[0].int("max_connections")),
            ]
        )
    }

    func inject(_ context: StepContext, _ undo: UndoRecord) async throws {
        let leave = Int(context.arguments["leave"]?.integerValue ?? 3)
        let evicts = context.arguments["evict"]?.boolValue ?? false
        let limit = Int(undo.state["limit"]?.integerValue ?? 0)
        let goal = min(Self.heldMax, limit - leave)
        guard goal > 0 else {
            throw ResourceError(
                "the server takes \(limit) connections only — \(undo.target)."
                    + " Use a smaller \"leave\"."
            )
        }
        for round in 1...Self.roundsMax {
            try await fill(undo, to: goal)
            let count = held.withLock { $0.count }
            guard evicts, count < goal || round == 1 else { break }
            try await evict()
        }
    }

    func confirm(_ context: StepContext, _ undo: UndoRecord) async throws -> Effect {
        let name = try undo.text("name")
        let connection = held.withLock { $0.first }
        guard let connection, connection.isUsable else {
            throw ResourceError(
                "our connections are gone — the server of \(undo.target). It was restarted while"
                    + " the fault was in effect."
            )
        }
        let rows = try await connection.query(
            """
            SELECT count(*) FILTER (WHERE application_name = $1) AS ours, count(*) AS used
            FROM pg_stat_activity WHERE backend_type = 'client backend'
            """,
            [.string(name)],
            timeout: Self.timeout
        )
        let (ours, used) = (try rows[0].int("ours"), try rows[0].int("used"))
        let limit = undo.state["limit"]?.integerValue ?? 0
        return Effect(
            hits: Int(ours),
            unit: "connections held",
            detail: ["used": .integer(used), "limit": .integer(limit)]
        )
    }

    /// Closes ours; those of a runner that is stuck are ended by the server.
    func revert(_ undo: UndoRecord) async throws {
        let ours = held.withLock { held in
            defer { held = [] }
            return held
        }
        for connection in ours { connection.close() }
        try await atServer(undo) { connection, name in
            try await connection.query(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE application_name = $1
                """,
                [.string(name)],
                timeout: Self.timeout
            )
        }
    }

    func confirmReverted(_ undo: UndoRecord) async throws {
        try await atServer(undo) { connection, name in
            let rows = try await connection.query(
                "SELECT count(*) AS left FROM pg_stat_activity WHERE application_name = $1",
                [.string(name)],
                timeout: Self.timeout
            )
            let left = try rows[0].int("left")
            guard left == 0 else {
                throw ResourceError(
                    "\(left) connections of ours are still open — the server of \(undo.target)."
                        + " End them: pg_terminate_backend, application_name \(name)."
                )
            }
        }
    }
}

extension ConnectionsFault {
    /// Connects until the goal is reached or the server is full.
    private func fill(_ undo: UndoRecord, to goal: Int) async throws {
        let (server, name) = (try undo.text("server"), try undo.text("name"))
        while held.withLock({ $0.count }) < goal {
            do throws(PostgresError) {
                let connection = try await PostgresConnection.connect(
                    server,
                    timeout: Self.timeout
                )
                held.withLock { $0.append(connection) }
                try await connection.query(
                    "SELECT set_config('application_name', $1, false)",
                    [.string(name)]
                )
            } catch {
                guard error.sqlState == Self.full else { throw error }
                return
            }
        }
    }

    /// Ends what clients have over TCP; observers come through the socket and are left alone.
    private func evict() async throws {
        guard let connection = held.withLock({ $0.first }) else { return }
        try await connection.query(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE backend_type = 'client backend' AND client_addr IS NOT NULL
            """,
            timeout: Self.timeout
        )
    }

    /// Runs a body at the server; when nothing listens there any more, nothing is held either.
    private func atServer(
        _ undo: UndoRecord,
        _ body: (PostgresConnection, String) async throws -> Void
    ) async throws {
        let connection: PostgresConnection
        let server = try undo.text("server")
        do throws(PostgresError) {
            connection = try await PostgresConnection.connect(server, timeout: Self.timeout)
        } catch {
            guard error.code == .connection, error.sqlState == nil else { throw error }
            return
        }
        defer { connection.close() }
        try await body(connection, try undo.text("name"))
    }
}

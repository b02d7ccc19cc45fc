import EventLoop
import JSON
import LinuxSystem
import Postgres
import PostgresServer
import Testing

/// `chaos proxy truth` with a real server: what it tells is what the table holds.
@Suite(.timeLimit(.minutes(5)))
struct ProxyTruthTests {
    /// Runs a transaction that inserts a row; whether the client was told that it is committed.
    private func isTold(_ id: Int, through conninfo: String) async throws -> Bool {
        try await onLoop {
            let client = try await PostgresConnection.connect(conninfo, timeout: .seconds(10))
            defer { client.close() }
            try await client.simple("BEGIN")
            try await client.simple("INSERT INTO charges VALUES (\(id))")
            do throws(PostgresError) {
                try await client.simple("COMMIT")
                return true
            } catch {
                return false
            }
        }
    }

    /// Creates a proxy before a database; returns the connection string through it.
    private func through(
        _ server: ProxyServerProcess,
        to database: SharedCluster.Database
    ) async throws -> String {
        let created = try JSONValue.parse(
            try await server.answer(
                "create",
                "db",
                "--listen",
                "127.0.0.1:0",
                "--upstream",
                "127.0.0.1:\(database.port)",
                "--protocol",
                "postgres",
                "--json"
            )
        )
        let listen = try SocketAddress(parsing: try #require(created["listen"]?.stringValue))
        let port = try #require(listen.port)
        return database.conninfo.replacing("port=\(database.port)", with: "port=\(port)")
    }

    @Test
    func `a commit whose answer got lost is told as committed, one that was dropped as aborted`()
        async throws
    {
        try await withProgram { program in
            try await ProxyServerProcess.with(program) { server in
                let database = try await SharedCluster.instance().database()
                let direct = database.socketConninfo
                try await onLoop {
                    let owner = try await PostgresConnection.connect(direct)
                    defer { owner.close() }
                    try await owner.simple("CREATE TABLE charges (id int PRIMARY KEY)")
                }
                let through = try await through(server, to: database)
                for toxic in ["lose_commit_ack:nth=1", "drop_commit:nth=2"] {
                    _ = try await server.answer(
                        "toxic",
                        "add",
                        "db",
                        toxic + ",ask_transaction_id=1"
                    )
                }
                for id in 1...3 {
                    #expect(try await isTold(id, through: through) == (id == 3), "\(id)")
                }
                let file = "\(program.directory)/conninfo"
                try SystemFiles.writeAtomically(file, Array(direct.utf8), mode: 0o600)
                let told = try JSONValue.parse(
                    try await server.answer("truth", "--conninfo-file", file, "--json")
                )
                let doubts = try #require(told.arrayValue)
                #expect(doubts.map { $0["truth"] } == ["committed", "aborted"])
                #expect(doubts.map { $0["link"] } == ["db", "db"])
                #expect(doubts.map { $0["connection"] } == ["c1", "c2"])
                let held = try await onLoop {
                    let owner = try await PostgresConnection.connect(direct)
                    defer { owner.close() }
                    return try await owner.query("SELECT id FROM charges ORDER BY id").map { row in
                        try row.int("id")
                    }
                }
                #expect(held == [1, 3])
                // The same by number, for people; and a number that was never given out.
                let numbers = doubts.compactMap { $0["transaction_id"]?.stringValue }
                let words = ["truth"] + numbers + ["4000000000", "--conninfo-file", file]
                let table = try await program.run(["proxy"] + words)
                #expect(table.status == 0, "\(table.conversation)")
                let rows = table.answer.split(separator: "\n").dropFirst().map { row in
                    row.split(separator: " ").map(String.init)
                }
                #expect(rows.map { $0[0] } == numbers + ["4000000000"])
                #expect(rows.map { $0[1] } == ["committed", "aborted", "unknown"])
            }
        }
    }
}

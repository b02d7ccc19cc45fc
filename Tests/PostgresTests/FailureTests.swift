import EventLoop
import PostgresServer
import Testing

@testable import Postgres

@Suite(.timeLimit(.minutes(1))) struct FailureTests {
    @Test func `an error of the server names its SQLSTATE and constraint and is definite`()
        async throws
    {
        try await Fixture.withConnection { connection, _ in
            try await connection.simple("CREATE TABLE t (a int CONSTRAINT once UNIQUE)")
            try await connection.query("INSERT INTO t VALUES ($1)", [1])
            let error = await Fixture.postgresError {
                try await connection.query("INSERT INTO t VALUES ($1)", [1])
            }
            #expect(error?.code == .server)
            #expect(error?.sqlState == "23505")
            #expect(error?.isUniqueViolation == true)
            #expect(error?.constraint == "once")
            #expect(error?.isDefinite == true)
            #expect(error?.isRetryable == false)
            #expect(error?.description.contains("(a)=(1)") == false)
            #expect(error?.detail?.contains("(a)=(1)") == true)
            #expect(connection.isUsable)
        }
    }

    @Test(
        arguments: [
            ("SELECT 'a\0b'", .value, nil),
            ("SELEKT", .server, "42601"),
            ("SELECT 1; SELECT 2", .server, "42601"),
            ("SELECT * FROM missing", .server, "42P01"),
            ("SELECT $1::int", .server, "08P01"),
            ("COPY (SELECT 1) TO STDOUT", .misuse, nil),
        ] as [(String, PostgresError.Code, String?)]
    )
    func `hostile SQL text fails with a reason`(
        sql: String,
        code: PostgresError.Code,
        sqlState: String?
    ) async throws {
        try await Fixture.withConnection { connection, _ in
            let error = await Fixture.postgresError { try await connection.query(sql) }
            #expect(error?.code == code)
            #expect(error?.sqlState == sqlState)
            #expect(connection.isUsable == (code != .misuse))
        }
    }

    @Test func `random bytes as SQL never hang or break the connection`() async throws {
        try await Fixture.withConnection { connection, _ in
            var random = SeededGenerator(seed: 42)
            for _ in 0..<300 {
                let length = Int.random(in: 0..<60, using: &random)
                let bytes = (0..<length).map { _ in UInt8.random(in: 1...255, using: &random) }
                _ = try? await connection.query(String(decoding: bytes, as: UTF8.self))
            }
            let rows = try await connection.query("SELECT 1 AS one")
            #expect(try rows[0].int("one") == 1)
        }
    }

    @Test func `a statement that takes too long is stopped and the connection closed`()
        async throws
    {
        try await Fixture.withConnection { connection, database in
            let pid = connection.backendProcessID
            let error = await Fixture.postgresError {
                try await connection.query("SELECT pg_sleep(30)", timeout: .milliseconds(100))
            }
            #expect(error?.code == .timeout)
            #expect(error?.isDefinite == false)
            #expect(!connection.isUsable)
            // The server has stopped too, or does so at once: it got the cancel request.
            let observer = try await PostgresConnection.connect(database.socketConninfo)
            defer { observer.close() }
            try await Self.waitUntilGone(pid, observer)
        }
    }

    @Test func `cancelling the task stops the statement`() async throws {
        try await Fixture.withConnection { connection, database in
            let pid = connection.backendProcessID
            let observer = try await PostgresConnection.connect(database.socketConninfo)
            defer { observer.close() }
            let task = Fixture.loop.spawn { try await connection.query("SELECT pg_sleep(30)") }
            try await Self.waitUntilSleeping(pid, observer)
            task.cancel()
            let error = await Fixture.postgresError { _ = try await task.value }
            #expect(error?.code == .cancelled)
            #expect(error?.isDefinite == false)
            try await Self.waitUntilGone(pid, observer)
        }
    }

    @Test func `cancel ends the running statement and keeps the connection`() async throws {
        try await Fixture.withConnection { connection, database in
            let observer = try await PostgresConnection.connect(database.socketConninfo)
            defer { observer.close() }
            let task = Fixture.loop.spawn { try await connection.query("SELECT pg_sleep(30)") }
            try await Self.waitUntilSleeping(connection.backendProcessID, observer)
            let busy = await Fixture.postgresError { try await connection.query("SELECT 1") }
            #expect(busy?.code == .misuse)
            try await connection.cancel()
            let error = await Fixture.postgresError { _ = try await task.value }
            #expect(error?.sqlState == "57014")
            #expect(connection.isUsable)
        }
    }

    @Test func `a terminated backend is a lost connection and not definite`() async throws {
        try await Fixture.withConnection { connection, database in
            let observer = try await PostgresConnection.connect(database.socketConninfo)
            defer { observer.close() }
            let pid = connection.backendProcessID
            let task = Fixture.loop.spawn { try await connection.query("SELECT pg_sleep(30)") }
            try await Self.waitUntilSleeping(pid, observer)
            try await observer.query("SELECT pg_terminate_backend($1)", [.int(Int64(pid))])
            let error = await Fixture.postgresError { _ = try await task.value }
            #expect(error?.code == .connection)
            #expect(error?.isDefinite == false)
            let later = await Fixture.postgresError { try await connection.query("SELECT 1") }
            #expect(later?.code == .connection)
            #expect(later?.isDefinite == true)
        }
    }

    @Test(arguments: [
        "host=127.0.0.1 port=1 dbname=x", "host=/nowhere dbname=x", "nonsense", "port=99999999",
        "host='unterminated", "postgres://127.0.0.1:1/x?sslmode=disable",
    ])
    func `a server that is not there refuses at once`(conninfo: String) async throws {
        try await Fixture.onLoop {
            let error = await Fixture.postgresError {
                _ = try await PostgresConnection.connect(conninfo, timeout: .seconds(5))
            }
            #expect(error?.code == .connection)
            #expect(error?.isDefinite == true)
        }
    }

    @Test func `a refusal carries the server's SQLSTATE and no password`() async throws {
        try await Fixture.withConnection { _, database in
            let wrong = "\(database.conninfo) password=wrong-secret"
            let error = await Fixture.postgresError {
                _ = try await PostgresConnection.connect(wrong)
            }
            #expect(error?.sqlState == "28P01")
            #expect(error?.description.contains("secret") == false)
            let right = try await PostgresConnection.connect(database.conninfo)
            #expect(try await right.query("SELECT 1").count == 1)
            right.close()
        }
    }

    @Test func `connecting to a server that never answers ends in time`() async throws {
        try await Fixture.onLoop {
            let silent = try Listener.bind(try SocketAddress(parsing: "127.0.0.1:0"))
            defer { silent.close() }
            guard case .ipv4(_, let port) = silent.address else { return }
            let error = await Fixture.postgresError {
                _ = try await PostgresConnection.connect(
                    "host=127.0.0.1 port=\(port)",
                    timeout: .milliseconds(150)
                )
            }
            #expect(error?.code == .timeout)
            #expect(error?.isDefinite == true)
        }
    }

    static func waitUntilSleeping(_ pid: Int32, _ observer: PostgresConnection) async throws {
        try await wait(
            observer,
            "SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'PgSleep'",
            pid
        ) { $0 == 1 }
    }

    static func waitUntilGone(_ pid: Int32, _ observer: PostgresConnection) async throws {
        try await wait(observer, "SELECT 1 FROM pg_stat_activity WHERE pid = $1", pid) { $0 == 0 }
    }

    /// Asks until the number of rows is as wanted; the suite's time limit bounds it.
    private static func wait(
        _ observer: PostgresConnection,
        _ sql: String,
        _ pid: Int32,
        until isReached: (Int) -> Bool
    ) async throws {
        while true {
            let rows = try await observer.query(sql, [.int(Int64(pid))])
            if isReached(rows.count) { return }
        }
    }
}

import EventLoop
import PostgresServer
import Testing

@testable import Postgres

@Suite(.timeLimit(.minutes(1))) struct QueryTests {
    @Test func `values travel to the server and back unchanged`() async throws {
        try await Fixture.withConnection { connection, _ in
            let text = "quote ' backslash \\ dollar $1 -- ; DROP TABLE x; “ü” 🦊"
            let rows = try await connection.query(
                """
                SELECT $1::text AS t, $2::bigint AS i, $3::float8 AS d, $4::bool AS b,
                    $5::bytea AS y, $6::jsonb->>'k' AS j, $7::text AS n
                """,
                [
                    .string(text), .int(.max), 0.1, true, .bytes(Array(0...255)),
                    .json("{\"k\":\"v\"}"), nil,
                ]
            )
            #expect(rows.count == 1)
            #expect(try rows[0].string("t") == text)
            #expect(try rows[0].int("i") == .max)
            #expect(try rows[0].double("d") == 0.1)
            #expect(try rows[0].bool("b"))
            #expect(try rows[0].bytes("y") == Array(0...255))
            #expect(try rows[0].string("j") == "v")
            #expect(try rows[0].stringOrNil("n") == nil)
            #expect(rows.commandTag == "SELECT 1")
        }
    }

    @Test func `arrays unnest into many rows with one statement`() async throws {
        try await Fixture.withConnection { connection, _ in
            try await connection.simple("CREATE TABLE t (id bigint, name text)")
            let names: [String?] = ["a,b", nil, "NULL", "\"q\"", "{x}", "back\\slash"]
            let inserted = try await connection.query(
                "INSERT INTO t SELECT * FROM unnest($1::bigint[], $2::text[])",
                [.ints([1, 2, 3, 4, 5, 6]), .strings(names)]
            )
            #expect(inserted.affected == 6)
            let rows = try await connection.query("SELECT id, name FROM t ORDER BY id")
            #expect(try rows.map { try $0.stringOrNil("name") } == names)
        }
    }

    @Test func `a statement is prepared once and survives a change of its table`() async throws {
        try await Fixture.withConnection { connection, _ in
            try await connection.simple("CREATE TABLE t (a int); INSERT INTO t VALUES (1)")
            for _ in 0..<4 { try await connection.query("SELECT * FROM t") }
            let held = try await connection.query("SELECT name FROM pg_prepared_statements")
            #expect(try held.map { try $0.string("name") } == ["chaos_1"])
            try await connection.simple("ALTER TABLE t ADD b int DEFAULT 7")
            let rows = try await connection.query("SELECT * FROM t")
            #expect(try rows[0].int("b") == 7)
            try await connection.simple("DEALLOCATE ALL")
            for _ in 0..<3 { #expect(try await connection.query("SELECT * FROM t").count == 1) }
        }
    }

    @Test func `the server holds no more statements than the cache allows`() async throws {
        try await Fixture.withConnection { connection, _ in
            for number in 0..<200 {
                for _ in 0..<2 { try await connection.query("SELECT \(number)") }
            }
            let held = try await connection.query(
                "SELECT count(*) AS n FROM pg_prepared_statements"
            )
            let count = try held[0].int("n")
            #expect(count > 100 && count <= 129)
        }
    }

    @Test func `a big result arrives whole`() async throws {
        try await Fixture.withConnection { connection, _ in
            let rows = try await connection.query(
                "SELECT i, repeat('x', 200) AS pad FROM generate_series(1, 50000) AS i",
                timeout: .seconds(30)
            )
            #expect(rows.count == 50_000)
            #expect(try rows[49_999].int("i") == 50_000)
            #expect(try rows[12_345].string("pad").utf8.count == 200)
        }
    }

    @Test func `a result beyond the limit is refused and the connection closed`() async throws {
        try await Fixture.withConnection { connection, _ in
            let error = await Fixture.postgresError {
                try await connection.query(
                    "SELECT repeat('x', 1048576) FROM generate_series(1, 100)",
                    timeout: .seconds(30)
                )
            }
            #expect(error?.code == .result)
            #expect(!connection.isUsable)
        }
    }

    @Test func `a big parameter is flushed while the server reads`() async throws {
        try await Fixture.withConnection { connection, _ in
            let text = String(repeating: "0123456789abcdef", count: 1 << 20)
            let rows = try await connection.query(
                "SELECT length($1::text) AS n, md5($1::text) AS h",
                [.string(text)],
                timeout: .seconds(30)
            )
            #expect(try rows[0].int("n") == 16 << 20)
        }
    }

    @Test func `a script returns its last result and reports its first error`() async throws {
        try await Fixture.withConnection { connection, _ in
            let rows = try await connection.simple(
                "CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2); SELECT a FROM t ORDER BY a"
            )
            #expect(try rows.map { try $0.int("a") } == [1, 2])
            #expect(try await connection.simple("").isEmpty)
            let error = await Fixture.postgresError {
                try await connection.simple("INSERT INTO t VALUES (3); SELECT 1/0; SELECT 2")
            }
            #expect(error?.sqlState == "22012")
            // A script is one transaction: the insert is gone.
            #expect(try await connection.query("SELECT * FROM t").count == 2)
        }
    }

    @Test func `notices are kept for the caller`() async throws {
        try await Fixture.withConnection { connection, _ in
            try await connection.simple("DO $$ BEGIN RAISE NOTICE 'hello'; END $$")
            #expect(connection.takeNotices() == ["hello"])
            #expect(connection.takeNotices().isEmpty)
        }
    }

    @Test func `notifications arrive on an idle connection`() async throws {
        try await Fixture.withConnection { connection, database in
            let stream = try await connection.listen("odd \"name\"")
            let other = try await PostgresConnection.connect(database.socketConninfo)
            try await other.query("SELECT pg_notify($1, $2)", ["odd \"name\"", "42"])
            var iterator = stream.makeAsyncIterator()
            #expect(await iterator.next()?.payload == "42")
            try await other.query(
                "SELECT pg_terminate_backend($1)",
                [.int(Int64(connection.backendProcessID))]
            )
            #expect(await iterator.next() == nil)
            #expect(!connection.isUsable)
            other.close()
        }
    }
}

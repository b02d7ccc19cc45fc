import EventLoop
import PostgresServer
import Testing

@testable import Postgres

@Suite(.timeLimit(.minutes(1))) struct GroupTests {
    private static let insert = "INSERT INTO t (who) VALUES ($1::int) RETURNING who"

    /// Runs statements at the same time and returns what became of each, in their order.
    private static func together(
        _ group: PostgresGroup,
        _ statements: [(String, [PostgresValue?])],
        rank: @escaping @Sendable (Int) -> String = { _ in "" }
    ) async -> [Result<Int64?, any Error>] {
        let tasks = statements.enumerated().map { index, statement in
            Fixture.loop.spawn {
                try await group.query(statement.0, statement.1, rank: rank(index)).first?
                    .intOrNil("who")
            }
        }
        var results: [Result<Int64?, any Error>] = []
        for task in tasks { results.append(await task.result) }
        return results
    }

    @Test(arguments: [BatchCommit.implicit, .explicit])
    func `callers at the same time share transactions, and each has its own rows`(
        _ commit: BatchCommit
    ) async throws {
        try await Fixture.withConnection { connection, database in
            try await connection.simple("CREATE TABLE t (who int PRIMARY KEY)")
            let pool = PostgresPool(database.socketConninfo, size: 8)
            defer { pool.close() }
            let group = PostgresGroup(pool, commit)
            let results = await Self.together(
                group,
                (0..<200).map { (Self.insert, [.int($0)]) }
            )
            #expect(results.map { try? $0.get() } == (0..<200).map { $0 })
            let transactions = try await connection.query(
                "SELECT count(DISTINCT xmin::text) AS n, count(*) AS rows FROM t"
            )
            #expect(try transactions.first?.int("rows") == 200)
            #expect(try transactions.first?.int("n") ?? 0 <= 8)
            // The connections are as usable as before.
            #expect(try await group.query("SELECT 7 AS who").first?.int("who") == 7)
            #expect(pool.statistics.opened <= 2)
        }
    }

    @Test(arguments: [BatchCommit.implicit, .explicit])
    func `a statement that fails harms no other one of its group`(
        _ commit: BatchCommit
    ) async throws {
        try await Fixture.withConnection { connection, database in
            try await connection.simple("CREATE TABLE t (who int PRIMARY KEY)")
            let pool = PostgresPool(database.socketConninfo, size: 4)
            defer { pool.close() }
            let group = PostgresGroup(pool, commit)
            let numbers = (0..<40).map { Int64($0 == 20 ? 10 : $0) }
            let results = await Self.together(
                group,
                numbers.map { (Self.insert, [.int($0)]) }
            )
            let failures = results.compactMap { result in
                if case .failure(let error) = result { error as? PostgresError } else { nil }
            }
            #expect(failures.count == 1)
            #expect(failures.first?.isUniqueViolation == true)
            #expect(failures.first?.isDefinite == true)
            let rows = try await connection.query("SELECT count(*) AS n FROM t")
            #expect(try rows.first?.int("n") == 39)
        }
    }

    @Test func `statements that lock the same rows in any order never deadlock`() async throws {
        try await Fixture.withConnection { connection, database in
            try await connection.simple(
                """
                CREATE TABLE t (who int PRIMARY KEY, hits int NOT NULL DEFAULT 0);
                INSERT INTO t SELECT generate_series(0, 4)
                """
            )
            let pool = PostgresPool(database.socketConninfo, size: 4)
            defer { pool.close() }
            let groups = [PostgresGroup(pool), PostgresGroup(pool)]
            let hit = "UPDATE t SET hits = hits + 1 WHERE who = $1::int RETURNING who"
            let tasks = groups.enumerated().map { number, group in
                Fixture.loop.spawn {
                    let order = (0..<300).map { Int64(number == 0 ? $0 % 5 : 4 - $0 % 5) }
                    return await Self.together(group, order.map { (hit, [.int($0)]) }) { index in
                        "\(order[index])"
                    }
                }
            }
            for task in tasks {
                #expect(try await task.value.allSatisfy { (try? $0.get()) != nil })
            }
            let sum = try await connection.query(
                "SELECT sum(hits) AS hits FROM t"
            )
            #expect(try sum.first?.int("hits") == 600)
        }
    }

    @Test func `whoever is in a group whose connection is lost hears that nobody knows`()
        async throws
    {
        try await Fixture.withConnection { connection, database in
            try await connection.simple("CREATE TABLE t (who int PRIMARY KEY)")
            let pool = PostgresPool(database.socketConninfo, size: 1)
            defer { pool.close() }
            let group = PostgresGroup(pool)
            let end = "INSERT INTO t SELECT $1::int FROM pg_terminate_backend(pg_backend_pid())"
            var statements = (0..<10).map {
                (Self.insert, [PostgresValue.int($0) as PostgresValue?])
            }
            statements[5] = (end, [.int(5)])
            let results = await Self.together(group, statements)
            for result in results {
                let error = await Fixture.postgresError { try result.get() }
                #expect(error?.code == .connection)
                #expect(error?.isDefinite == false)
            }
            let rows = try await connection.query("SELECT count(*) AS n FROM t")
            #expect(try rows.first?.int("n") == 0)
            #expect(try await group.query(Self.insert, [.int(77)]).first?.int("who") == 77)
        }
    }

    @Test func `a transaction that hangs holds up nobody who comes after it`() async throws {
        try await Fixture.withConnection { connection, database in
            try await connection.simple("CREATE TABLE t (who int PRIMARY KEY)")
            let pool = PostgresPool(database.socketConninfo, size: 4)
            defer { pool.close() }
            let group = PostgresGroup(pool)
            try await connection.simple("BEGIN; INSERT INTO t VALUES (1)")
            // Waits for the open transaction.
            let stuck = Fixture.loop.spawn { try await group.query(Self.insert, [.int(1)]).count }
            while pool.statistics.taken == 0 { await Task.yield() }
            let results = await Self.together(
                group,
                (2..<40).map { (Self.insert, [.int($0)]) }
            )
            #expect(results.allSatisfy { (try? $0.get()) != nil })
            try await connection.simple("ROLLBACK")
            #expect(try await stuck.value == 1)
        }
    }

    @Test func `more callers than may wait are refused at once`() async throws {
        try await Fixture.withConnection { connection, database in
            try await connection.simple("CREATE TABLE t (who int PRIMARY KEY)")
            let pool = PostgresPool(database.socketConninfo, size: 2)
            defer { pool.close() }
            let group = PostgresGroup(pool, waitersMax: 5)
            let results = await Self.together(
                group,
                (0..<20).map { (Self.insert, [.int($0)]) }
            )
            let refused = results.compactMap { result in
                if case .failure(let error) = result { error as? PostgresError } else { nil }
            }
            #expect(!refused.isEmpty)
            #expect(refused.allSatisfy { $0.code == .pool && $0.isDefinite })
            let rows = try await connection.query("SELECT count(*) AS n FROM t")
            #expect(try rows.first?.int("n") == Int64(20 - refused.count))
        }
    }
}

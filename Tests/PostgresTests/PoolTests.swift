import EventLoop
import PostgresServer
import Testing

@testable import Postgres

@Suite(.timeLimit(.minutes(1))) struct PoolTests {
    @Test func `connections are opened when needed and used again`() async throws {
        try await Fixture.withConnection { _, database in
            let pool = PostgresPool(database.socketConninfo, size: 2)
            defer { pool.close() }
            for _ in 0..<10 { try await pool.query("SELECT 1") }
            #expect(pool.statistics.opened == 1)
            try await pool.withConnection { _ in
                try await pool.withConnection { _ in #expect(pool.statistics.taken == 2) }
            }
            #expect(pool.statistics == .init(taken: 0, idle: 2, waiting: 0, opened: 2))
        }
    }

    @Test func `sessions begin with the pool's settings unless the string has its own`()
        async throws
    {
        try await Fixture.withConnection { _, database in
            let conninfo = database.socketConninfo
            for (conninfo, wanted) in [
                (conninfo, "off"), (conninfo + " options='-c enable_seqscan=on'", "on"),
            ] {
                let pool = PostgresPool(conninfo, options: "-c enable_seqscan=off", size: 1)
                defer { pool.close() }
                let rows = try await pool.query("SHOW enable_seqscan")
                #expect(rows.first?.text(at: 0) == wanted)
            }
        }
    }

    @Test func `an exhausted pool makes callers wait in order, then refuses`() async throws {
        try await Fixture.withConnection { _, database in
            let pool = PostgresPool(
                database.socketConninfo,
                size: 1,
                maxWaiters: 2,
                acquireTimeout: .milliseconds(200)
            )
            defer { pool.close() }
            try await pool.withConnection { _ in
                let waiting = Fixture.loop.spawn { try await pool.query("SELECT 1") }
                let other = Fixture.loop.spawn { try await pool.query("SELECT 1") }
                while pool.statistics.waiting < 2 { await Task.yield() }
                let refused = await Fixture.postgresError { try await pool.query("SELECT 1") }
                #expect(refused?.code == .pool)
                #expect(refused?.isRetryable == true)
                for task in [waiting, other] {
                    let late = await Fixture.postgresError { _ = try await task.value }
                    #expect(late?.code == .pool)
                }
            }
            #expect(try await pool.query("SELECT 1").count == 1)
        }
    }

    @Test func `a freed connection goes to the caller that waited longest`() async throws {
        try await Fixture.withConnection { connection, database in
            try await connection.simple("CREATE TABLE t (at serial, who int)")
            let pool = PostgresPool(database.socketConninfo, size: 1)
            defer { pool.close() }
            var tasks: [Task<PostgresRows, any Error>] = []
            try await pool.withConnection { _ in
                for number in 1...5 {
                    tasks.append(
                        Fixture.loop.spawn {
                            try await pool.query(
                                "INSERT INTO t (who) VALUES ($1)",
                                [.int(Int64(number))]
                            )
                        }
                    )
                    while pool.statistics.waiting < number { await Task.yield() }
                }
            }
            for task in tasks { _ = try await task.value }
            let rows = try await connection.query("SELECT who FROM t ORDER BY at")
            #expect(try rows.map { try $0.int("who") } == [1, 2, 3, 4, 5])
        }
    }

    @Test func `broken connections are discarded and replaced`() async throws {
        try await Fixture.withConnection { connection, database in
            let pool = PostgresPool(database.socketConninfo, size: 2)
            defer { pool.close() }
            let pid = try await pool.withConnection { $0.backendProcessID }
            try await connection.query("SELECT pg_terminate_backend($1, 5000)", [.int(Int64(pid))])
            // The end of the connection may still be under way to us, so one failure is allowed.
            _ = try? await pool.query("SELECT 1")
            #expect(try await pool.query("SELECT 1").count == 1)
            let error = await Fixture.postgresError {
                try await pool.query("SELECT pg_sleep(30)", timeout: .milliseconds(50))
            }
            #expect(error?.code == .timeout)
            #expect(pool.statistics.taken == 0)
            #expect(try await pool.query("SELECT 1").count == 1)
        }
    }

    @Test func `a connection left inside a transaction is not lent again`() async throws {
        try await Fixture.withConnection { _, database in
            let pool = PostgresPool(database.socketConninfo, size: 1)
            defer { pool.close() }
            try await pool.withConnection { _ = try await $0.simple("BEGIN") }
            #expect(pool.statistics.idle == 0)
            #expect(try await pool.query("SELECT 1").count == 1)
            #expect(pool.statistics.opened == 2)
        }
    }

    @Test func `a caller that is cancelled while it waits leaves the queue`() async throws {
        try await Fixture.withConnection { _, database in
            let pool = PostgresPool(database.socketConninfo, size: 1)
            defer { pool.close() }
            try await pool.withConnection { _ in
                let task = Fixture.loop.spawn { try await pool.query("SELECT 1") }
                while pool.statistics.waiting < 1 { await Task.yield() }
                task.cancel()
                let error = await Fixture.postgresError { _ = try await task.value }
                #expect(error?.code == .cancelled)
                #expect(pool.statistics.waiting == 0)
            }
            #expect(pool.statistics.taken == 0)
        }
    }

    @Test func `a pool whose server is away fails at once and recovers`() async throws {
        try await Fixture.onLoop {
            let pool = PostgresPool("host=127.0.0.1 port=1", size: 1)
            for _ in 0..<5 {
                let error = await Fixture.postgresError { try await pool.query("SELECT 1") }
                #expect(error?.code == .connection)
                #expect(error?.isRetryable == true)
            }
            #expect(pool.statistics.taken == 0)
            pool.close()
            let closed = await Fixture.postgresError { try await pool.query("SELECT 1") }
            #expect(closed?.code == .pool)
        }
    }

    @Test func `hundreds of callers share few connections`() async throws {
        try await Fixture.withConnection { connection, database in
            try await connection.simple("CREATE TABLE t (a int)")
            let pool = PostgresPool(database.socketConninfo, size: 4)
            defer { pool.close() }
            let tasks = (0..<300).map { number in
                Fixture.loop.spawn {
                    try await pool.transaction { transaction in
                        try await transaction.query(
                            "INSERT INTO t VALUES ($1)",
                            [.int(Int64(number))]
                        )
                    }
                }
            }
            for task in tasks { _ = try await task.value }
            let rows = try await connection.query("SELECT count(DISTINCT a) AS n FROM t")
            #expect(try rows[0].int("n") == 300)
            #expect(pool.statistics.opened == 4)
        }
    }
}

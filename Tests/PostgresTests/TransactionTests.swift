import EventLoop
import PostgresServer
import Testing

@testable import Postgres

@Suite(.timeLimit(.minutes(1))) struct TransactionTests {
    @Test func `a transaction commits when its body ends and rolls back when it throws`()
        async throws
    {
        struct Refused: Error {}
        try await Fixture.withConnection { connection, _ in
            try await connection.simple("CREATE TABLE t (a int)")
            let value = try await connection.transaction { transaction in
                try await transaction.query("INSERT INTO t VALUES (1)")
                return 7
            }
            #expect(value == 7)
            await #expect(throws: Refused.self) {
                try await connection.transaction { transaction in
                    try await transaction.query("INSERT INTO t VALUES (2)")
                    throw Refused()
                }
            }
            #expect(try await connection.query("SELECT * FROM t").count == 1)
        }
    }

    @Test func `a swallowed error makes COMMIT fail instead of pretending`() async throws {
        try await Fixture.withConnection { connection, _ in
            let error = await Fixture.postgresError {
                try await connection.transaction { transaction in
                    _ = try? await transaction.query("SELECT 1/0")
                }
            }
            #expect(error?.sqlState == "25P02")
            #expect(error?.isDefinite == true)
            #expect(connection.isUsable)
        }
    }

    @Test func `transactions do not nest and are not ended inside`() async throws {
        try await Fixture.withConnection { connection, _ in
            let nested = await Fixture.postgresError {
                try await connection.transaction { outer in
                    try await outer.transaction { _ in }
                }
            }
            #expect(nested?.code == .misuse)
            let ended = await Fixture.postgresError {
                try await connection.transaction { try await $0.simple("COMMIT") }
            }
            #expect(ended?.code == .misuse)
        }
    }

    @Test func `a commit refused by a deferred constraint is definite`() async throws {
        try await Fixture.withConnection { connection, _ in
            try await connection.simple(
                "CREATE TABLE t (a int UNIQUE DEFERRABLE INITIALLY DEFERRED)"
            )
            let error = await Fixture.postgresError {
                try await connection.transaction { transaction in
                    try await transaction.query("INSERT INTO t VALUES (1), (1)")
                }
            }
            #expect(error?.sqlState == "23505")
            #expect(error?.code == .server)
            #expect(error?.isDefinite == true)
        }
    }

    @Test func `a serialization failure can be tried again`() async throws {
        try await Fixture.withConnection { connection, database in
            try await connection.simple("CREATE TABLE t (a int); INSERT INTO t VALUES (1)")
            let other = try await PostgresConnection.connect(database.socketConninfo)
            defer { other.close() }
            let error = await Fixture.postgresError {
                try await connection.transaction(isolation: .serializable) { transaction in
                    try await transaction.query("SELECT * FROM t")
                    try await other.query("UPDATE t SET a = 2")
                    try await transaction.query("UPDATE t SET a = 3")
                }
            }
            #expect(error?.sqlState == "40001")
            #expect(error?.isRetryable == true)
        }
    }

    @Test func `a deadlock can be tried again`() async throws {
        try await Fixture.withConnection { connection, database in
            try await connection.simple(
                "CREATE TABLE t (a int PRIMARY KEY); INSERT INTO t VALUES (1), (2);"
                    + "SET deadlock_timeout = '10ms'"
            )
            let other = try await PostgresConnection.connect(database.socketConninfo)
            defer { other.close() }
            try await other.simple("SET deadlock_timeout = '10ms'; BEGIN")
            try await other.query("SELECT * FROM t WHERE a = 2 FOR UPDATE")
            let crossing = Fixture.loop.spawn {
                let error = await Fixture.optionalError {
                    try await connection.transaction { transaction in
                        try await transaction.query("SELECT * FROM t WHERE a = 1 FOR UPDATE")
                        try await transaction.query("SELECT * FROM t WHERE a = 2 FOR UPDATE")
                    }
                }
                return error
            }
            let second = await Fixture.optionalError {
                try await other.query("SELECT * FROM t WHERE a = 1 FOR UPDATE")
            }
            try await other.simple("ROLLBACK")
            let errors = [try await crossing.value, second].compactMap { $0 }
            #expect(errors.allSatisfy { $0.sqlState == "40P01" && $0.isRetryable })
        }
    }

    @Test func `a connection lost before COMMIT is definite, the server rolls back`()
        async throws
    {
        try await Fixture.withConnection { connection, database in
            try await connection.simple("CREATE TABLE t (a int)")
            let observer = try await PostgresConnection.connect(database.socketConninfo)
            defer { observer.close() }
            let pid = Int64(connection.backendProcessID)
            let error = await Fixture.postgresError {
                try await connection.transaction { transaction in
                    try await transaction.query("INSERT INTO t VALUES (1)")
                    try await observer.query("SELECT pg_terminate_backend($1, 5000)", [.int(pid)])
                    try await transaction.query("INSERT INTO t VALUES (2)")
                }
            }
            #expect(error?.code == .connection)
            #expect(error?.isDefinite == true)
            #expect(try await observer.query("SELECT * FROM t").isEmpty)
        }
    }

    /// A table whose deferred trigger sleeps inside COMMIT.
    private static let slowCommit = """
        CREATE TABLE t (a int);
        CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql
            AS $$ BEGIN PERFORM pg_sleep(30); RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON t
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()
        """

    @Test func `a connection lost during COMMIT leaves the outcome unknown`() async throws {
        try await Fixture.withConnection { connection, database in
            try await connection.simple(Self.slowCommit)
            let observer = try await PostgresConnection.connect(database.socketConninfo)
            defer { observer.close() }
            let pid = connection.backendProcessID
            let task = Fixture.loop.spawn {
                try await connection.transaction(timeout: .seconds(30)) { transaction in
                    _ = try await transaction.query("INSERT INTO t VALUES (1)")
                }
            }
            try await FailureTests.waitUntilSleeping(pid, observer)
            try await observer.query("SELECT pg_terminate_backend($1)", [.int(Int64(pid))])
            let error = await Fixture.postgresError { try await task.value }
            #expect(error?.code == .ambiguousCommit)
            #expect(error?.isDefinite == false)
            #expect(error?.isRetryable == false)
            #expect(!connection.isUsable)
        }
    }

    @Test func `a COMMIT that takes too long leaves the outcome unknown`() async throws {
        try await Fixture.withConnection { connection, _ in
            try await connection.simple(Self.slowCommit)
            let error = await Fixture.postgresError {
                try await connection.transaction(timeout: .milliseconds(300)) { transaction in
                    _ = try await transaction.query("INSERT INTO t VALUES (1)")
                }
            }
            #expect(error?.code == .ambiguousCommit)
            #expect(error?.isDefinite == false)
        }
    }

    @Test func `cancelling the task before COMMIT rolls back and keeps the connection`()
        async throws
    {
        try await Fixture.withConnection { connection, _ in
            try await connection.simple("CREATE TABLE t (a int)")
            let task = Fixture.loop.spawn {
                try await connection.transaction { transaction in
                    _ = try await transaction.query("INSERT INTO t VALUES (1)")
                    unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
                }
            }
            let error = await Fixture.postgresError { try await task.value }
            #expect(error?.code == .cancelled)
            #expect(error?.isDefinite == true)
            #expect(try await connection.query("SELECT * FROM t").isEmpty)
        }
    }
}

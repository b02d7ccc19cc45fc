import ChaosModel
import ChaosPluginAPI
import EventLoop
import JSON
import Postgres
import PostgresServer
import Testing

@testable import FaultSQL

@Suite struct QueryProbeTests {
    /// Runs a query against an empty database of its own, after a script.
    private func ask(
        _ sql: String,
        after script: String = "SELECT 1",
        with more: JSONObject = [:]
    ) async throws -> JSONValue {
        let database = try await SharedCluster.instance().database()
        return try await onLoop {
            let connection = try await PostgresConnection.connect(database.socketConninfo)
            try await connection.simple(script)
            connection.close()
            var arguments: JSONObject = ["sql": .string(sql), "database": "orders"]
            for member in more.members { arguments[member.name] = member.value }
            var context = StepContext(runID: "r", arguments: arguments)
            context.system = SystemDescription(
                name: "shop",
                services: [],
                links: [],
                databases: [.init(service: "orders", observer: database.socketConninfo)]
            )
            return try await QueryProbe().read(context)
        }
    }

    private func onLoop<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let loop = try Loop.start(label: "sql plugin test")
        defer { loop.stop() }
        return try await loop.spawn(body).value
    }

    @Test(
        arguments: [
            ("SELECT 41 + 1", 42), ("SELECT 1.5::numeric", 1.5), ("SELECT true", true),
            ("SELECT NULL::text", nil), ("SELECT 'ö'", "ö"), ("SELECT 2::float8", 2),
            ("SELECT '{\"a\": [1]}'::jsonb", ["a": [1]]),
            ("SELECT count(*) FROM (VALUES (1)) v", 1),
        ] as [(String, JSONValue)]
    )
    func `a single value is handed on by its type`(sql: String, value: JSONValue) async throws {
        #expect(try await ask(sql) == value)
    }

    @Test func `execute changes data for good and hands on what it returns`() async throws {
        let database = try await SharedCluster.instance().database()
        let outputs = try await onLoop {
            func context(_ sql: String) -> StepContext {
                StepContext(
                    runID: "r",
                    arguments: ["sql": .string(sql), "conninfo": .string(database.socketConninfo)]
                )
            }
            let action = ExecuteAction()
            _ = try await action.perform(context("CREATE TABLE t (id int)"))
            let id = try await action.perform(context("INSERT INTO t VALUES (7) RETURNING id"))
            return [id, try await QueryProbe().read(context("SELECT count(*) FROM t"))]
        }
        #expect(outputs == [7, 1])
    }

    @Test func `several rows or columns become objects`() async throws {
        let rows = try await ask(
            "SELECT id, name FROM t ORDER BY id",
            after: "CREATE TABLE t (id int, name text); INSERT INTO t VALUES (1, 'a'), (2, NULL)"
        )
        #expect(rows == [["id": 1, "name": "a"], ["id": 2, "name": nil]])
        #expect(try await ask("SELECT 1 WHERE false") == [])
    }

    @Test func `a query cannot change anything`() async throws {
        let error = await #expect(throws: PostgresError.self) {
            try await ask("CREATE TABLE t (id int)")
        }
        #expect(error?.sqlState == "25006")
    }

    @Test func `more rows than allowed are an error and not a surprise`() async throws {
        let error = await #expect(throws: SQLError.self) {
            try await ask("SELECT generate_series(1, 11)", with: ["rows-maximum": 10])
        }
        #expect(error?.description.contains("11 rows") == true)
    }

    @Test func `a query that takes too long fails`() async throws {
        await #expect(throws: PostgresError.self) {
            try await ask("SELECT pg_sleep(30)", with: ["timeout": 100.0])
        }
    }

    @Test(
        arguments: [
            (["sql": "SELECT 1"], "which database is not clear"),
            (["sql": "SELECT 1", "database": "a", "conninfo": "b"], "which database is not clear"),
            (["database": "orders"], "there is no statement"),
            (["sql": "SELECT 1", "database": "orders"], "there is no system"),
        ] as [(JSONObject, String)]
    )
    func `an unclear question says what is missing`(
        arguments: JSONObject,
        message: String
    ) async throws {
        let error = await #expect(throws: SQLError.self) {
            try await QueryProbe().read(StepContext(runID: "r", arguments: arguments))
        }
        #expect(error?.description.contains(message) == true)
    }

    @Test func `a service without a database is told with those that have one`() async throws {
        let error = await #expect(throws: SQLError.self) {
            try await ask("SELECT 1", with: ["database": "gateway"])
        }
        #expect(error?.description.contains("orders") == true)
    }
}

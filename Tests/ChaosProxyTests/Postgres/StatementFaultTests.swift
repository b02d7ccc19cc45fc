import EventLoop
import HTTP
import JSON
import Postgres
import Testing

@testable import ChaosProxy

/// Toxics that hit statements, results and sessions, with a real server.
@Suite(.serialized)
struct StatementFaultTests {
    private func state(_ body: () async throws(PostgresError) -> Void) async -> String? {
        do throws(PostgresError) {
            try await body()
            return "none"
        } catch {
            return error.sqlState
        }
    }

    @Test(arguments: Way.allCases)
    func `an error at COMMIT aborts upstream first, and the session goes on`(
        _ way: Way
    ) async throws {
        try await PostgresRig.run { rig in
            try await rig.toxic(
                "pg_error",
                #"{"sqlstate":"40001","at":"commit"}"#,
                match: #"{"first":1}"#
            )
            let client = try await rig.connect()
            defer { client.close() }
            #expect(await way.charge(1, on: client)?.sqlState == "40001")
            #expect(try await rig.charges() == [], "the server aborted as well")
            // Not in a failed transaction: the next one begins and commits.
            #expect(await way.charge(2, on: client) == nil)
            #expect(try await rig.charges() == [2])
        }
    }

    @Test(arguments: Way.allCases)
    func `an error at the second statement fails the transaction on both sides`(
        _ way: Way
    ) async throws {
        try await PostgresRig.run { rig in
            try await rig.toxic(
                "pg_error",
                #"{"sqlstate":"40P01","message":"deadlock","at":"statement","statement":2}"#,
                match: #"{"nth":1}"#
            )
            let client = try await rig.connect()
            defer { client.close() }
            try await way.run("BEGIN", on: client)
            try await way.run("INSERT INTO charges VALUES (1)", on: client)
            let second = await state { () throws(PostgresError) in
                try await way.run("INSERT INTO charges VALUES (2)", on: client)
            }
            #expect(second == "40P01")
            let third = await state { () throws(PostgresError) in
                try await way.run("INSERT INTO charges VALUES (3)", on: client)
            }
            #expect(third == "25P02", "the server says that its transaction is aborted")
            try await way.run("ROLLBACK", on: client)
            #expect(try await rig.charges() == [])
            #expect(await way.charge(4, on: client) == nil)
            #expect(try await rig.charges() == [4])
        }
    }

    @Test(arguments: Way.allCases)
    func `an error at BEGIN leaves no transaction on either side`(_ way: Way) async throws {
        try await PostgresRig.run { rig in
            try await rig.toxic(
                "pg_error",
                #"{"sqlstate":"53200","at":"begin"}"#,
                match: #"{"nth":1}"#
            )
            let client = try await rig.connect()
            defer { client.close() }
            #expect(await way.charge(1, on: client)?.sqlState == "53200")
            try await way.run("INSERT INTO charges VALUES (2)", on: client)
            #expect(try await rig.charges() == [2], "no transaction was open")
        }
    }

    @Test(arguments: Way.allCases)
    func `a terminated session is told 57P01, its server session is gone, nothing is held`(
        _ way: Way
    ) async throws {
        try await PostgresRig.run { rig in
            try await rig.toxic("terminate", match: #"{"sql":"^insert"}"#)
            let client = try await rig.connect()
            defer { client.close() }
            let error = await way.charge(1, on: client)
            #expect(error?.sqlState == "57P01", "\(String(describing: error))")
            #expect(try await eventually { try await rig.otherSessions() == 0 })
            #expect(try await rig.charges() == [])
        }
    }

    @Test(arguments: Way.allCases)
    func `a result that breaks off in a row was run all the same`(_ way: Way) async throws {
        try await PostgresRig.run { rig in
            try await rig.toxic("partial_result", match: #"{"table":"charges"}"#)
            let client = try await rig.connect()
            defer { client.close() }
            try await way.run("SELECT 1", on: client)
            let sql = "INSERT INTO charges VALUES (1, repeat('x', 5000)) RETURNING word"
            let error = await state { () throws(PostgresError) in
                try await way.run(sql, on: client)
            }
            #expect(error == nil, "the connection broke")
            #expect(try await rig.charges() == [1], "who repeats it does it twice")
        }
    }

    @Test(arguments: Way.allCases)
    func `a stalled transaction keeps its locks until the toxic is removed`(
        _ way: Way
    ) async throws {
        try await PostgresRig.run { rig in
            try await rig.toxic("stall", match: #"{"sql":"^insert"}"#)
            let client = try await rig.connect()
            defer { client.close() }
            let loop = try #require(Loop.current)
            // Owned by this test, which awaits it.
            let stalled = loop.spawn { await way.charge(1, on: client) }
            let idle =
                "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
                + " AND xact_start IS NOT NULL AND wait_event = 'ClientRead'"
            #expect(try await eventually { try await rig.direct.query(idle).count == 1 })
            #expect(try await eventually { try await rig.hits() == 1 })
            #expect(try await rig.charges() == [])
            try await rig.removeToxic()
            #expect(try await stalled.value == nil)
            #expect(try await rig.charges() == [1])
        }
    }

    @Test(arguments: Way.allCases)
    func `a slow statement is late, others are not held`(_ way: Way) async throws {
        try await PostgresRig.run { rig in
            try await rig.toxic(
                "slow_query",
                #"{"delay":300}"#,
                match: #"{"fingerprint":"insert into charges values (1)"}"#
            )
            let client = try await rig.connect()
            defer { client.close() }
            try await way.run("SELECT 1", on: client)
            #expect(try await rig.hits() == 0)
            let time = try await milliseconds {
                try await way.run("INSERT INTO charges VALUES (7)", on: client)
            }
            #expect(time >= 300)
            #expect(try await rig.hits() == 1)
            #expect(try await rig.charges() == [7])
        }
    }

    @Test(arguments: Way.allCases, ["duplicate_statement", "duplicate"])
    func `a statement that is sent twice is done twice, and the client sees one answer`(
        _ way: Way,
        _ type: String
    ) async throws {
        try await PostgresRig.run { rig in
            try await rig.direct.simple("CREATE TABLE entries (amount int)")
            try await rig.toxic(type, match: #"{"table":"entries"}"#)
            let client = try await rig.connect()
            defer { client.close() }
            // On its own, then in a transaction.
            try await way.run("INSERT INTO entries VALUES (1)", on: client)
            try await way.run("BEGIN", on: client)
            try await way.run("INSERT INTO entries VALUES (2)", on: client)
            try await way.run("COMMIT", on: client)
            #expect(try await client.query("SELECT 40 + 2 AS n")[0].int("n") == 42)
            let rows = try await rig.direct.query("SELECT amount FROM entries ORDER BY amount")
            #expect(try rows.map { try $0.int("amount") } == [1, 1, 2, 2])
        }
    }

    @Test(arguments: Way.allCases)
    func `a key makes the second of two harmless, and nobody hears of its error`(
        _ way: Way
    ) async throws {
        try await PostgresRig.run { rig in
            try await rig.toxic("duplicate_statement", match: #"{"sql":"^insert"}"#)
            let client = try await rig.connect()
            defer { client.close() }
            try await way.run("INSERT INTO charges VALUES (1)", on: client)
            #expect(try await rig.charges() == [1])
            try await way.run("INSERT INTO charges VALUES (2)", on: client)
            #expect(try await rig.charges() == [1, 2])
        }
    }

    @Test(arguments: [("53300", "53300"), ("57P03", "57P03")])
    func `a new session is refused, one that is open is not touched`(
        _ given: String,
        _ told: String
    ) async throws {
        try await PostgresRig.run { rig in
            let open = try await rig.connect()
            defer { open.close() }
            try await rig.toxic("refuse_startup", #"{"sqlstate":"\#(given)"}"#)
            do throws(PostgresError) {
                try await PostgresConnection.connect(rig.through, timeout: .seconds(5)).close()
                Issue.record("the session began")
            } catch {
                #expect("\(error)".contains(told) || error.sqlState == told || given == "53300")
            }
            try await open.simple("INSERT INTO charges VALUES (1)")
            #expect(try await eventually { try await rig.otherSessions() == 1 })
            #expect(try await rig.charges() == [1])
        }
    }

    @Test
    func `a session that hangs at its start begins when the toxic is removed`() async throws {
        try await PostgresRig.run { rig in
            try await rig.toxic(
                "refuse_startup",
                #"{"mode":"hang"}"#,
                match: #"{"application_name":"hung"}"#
            )
            try await rig.connect().close()
            let loop = try #require(Loop.current)
            // Owned by this test, which awaits it.
            let hung = loop.spawn { try await rig.connect(" application_name=hung") }
            #expect(try await eventually { try await rig.hits() == 1 })
            try await rig.removeToxic()
            let client = try await hung.value
            try await client.simple("INSERT INTO charges VALUES (1)")
            client.close()
            #expect(try await rig.charges() == [1])
        }
    }

    @Test(arguments: [
        ("pg_error", #"{"sqlstate":"abc"}"#, "attributes.sqlstate \\\"abc\\\" is no error"),
        ("pg_error", #"{"at":"end"}"#, "attributes.at \\\"end\\\" is no place"),
        ("refuse_startup", #"{"mode":"x"}"#, "attributes.mode \\\"x\\\" is not known"),
        ("partial_result", #"{"row":-1}"#, "attributes.row -1 is no row"),
    ])
    func `attributes that cannot be are refused with what to do`(
        _ type: String,
        _ attributes: String,
        _ text: String
    ) async throws {
        try await PostgresRig.run { rig in
            let answer = try await rig.proxy.call(
                "POST",
                "/proxies/p/toxics",
                #"{"type":"\#(type)","attributes":\#(attributes)}"#
            )
            #expect(answer.status == 400)
            #expect(answer.text.contains(text), "\(answer.text)")
        }
    }
}

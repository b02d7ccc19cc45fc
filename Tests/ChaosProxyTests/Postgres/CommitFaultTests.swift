import EventLoop
import JSON
import Postgres
import Testing

@testable import ChaosProxy

/// Toxics around COMMIT with a real server: what counts is what the database holds.
@Suite(.serialized)
struct CommitFaultTests {
    @Test(arguments: Way.allCases)
    func `a dropped COMMIT breaks the connection and the database holds nothing of it`(
        _ way: Way
    ) async throws {
        try await PostgresRig.run { rig in
            try await rig.toxic("drop_commit", match: #"{"nth":2}"#)
            let client = try await rig.connect()
            defer { client.close() }
            #expect(await way.charge(1, on: client) == nil)
            let error = try #require(await way.charge(2, on: client))
            #expect(error.sqlState == nil, "no answer came: \(error)")
            // The server rolls back as soon as its session ends.
            #expect(try await eventually { try await rig.otherSessions() == 0 })
            #expect(try await rig.charges() == [1])
            #expect(try await rig.hits() == 1)
        }
    }

    @Test(arguments: Way.allCases)
    func `the number of a doubtful transaction is recorded and tells what became of it`(
        _ way: Way
    ) async throws {
        try await PostgresRig.run { rig in
            for (type, status, id) in [
                ("lose_commit_ack", "committed", 1), ("drop_commit", "aborted", 2),
            ] {
                try await rig.toxic(type, #"{"ask_transaction_id":1}"#)
                let client = try await rig.connect()
                #expect(await way.charge(id, on: client) != nil)
                client.close()
                let number = try #require(
                    try await rig.firing()["transaction_id"]?.stringValue,
                    "\(type)"
                )
                #expect(try await eventually { try await rig.otherSessions() == 0 })
                let sql = "SELECT txid_status(\(number)) AS status"
                #expect(try await rig.direct.query(sql)[0].string("status") == status)
                try await rig.removeToxic()
            }
            #expect(try await rig.charges() == [1])
        }
    }

    @Test(arguments: Way.allCases)
    func `a number that the client asked for itself is recorded too`(_ way: Way) async throws {
        try await PostgresRig.run { rig in
            try await rig.toxic("lose_commit_ack")
            let client = try await rig.connect()
            defer { client.close() }
            try await way.run("BEGIN", on: client)
            let number = try await client.query("SELECT pg_current_xact_id()::text AS x")[0]
                .string("x")
            try await way.run("SELECT pg_current_xact_id()", on: client)
            await #expect(throws: PostgresError.self) { try await way.run("COMMIT", on: client) }
            #expect(try await rig.firing()["transaction_id"]?.stringValue == number)
        }
    }

    @Test
    func `asking changes nothing for a client whose COMMITs are not hit`() async throws {
        try await PostgresRig.run { rig in
            try await rig.toxic(
                "lose_commit_ack",
                #"{"ask_transaction_id":1}"#,
                match: #"{"nth":100}"#
            )
            let client = try await rig.connect()
            defer { client.close() }
            for id in 1...10 {
                #expect(await Way.allCases[id % 2].charge(id, on: client) == nil)
            }
            try await client.simple("BEGIN; INSERT INTO charges VALUES (11); COMMIT")
            #expect(try await rig.charges() == Array(1...11))
        }
    }

    @Test(arguments: Way.allCases)
    func `a delayed acknowledgement comes late, and the row is there all the while`(
        _ way: Way
    ) async throws {
        try await PostgresRig.run { rig in
            try await rig.toxic("delay_commit_ack", #"{"delay":60000}"#)
            let client = try await rig.connect()
            defer { client.close() }
            let loop = try #require(EventLoop.Loop.current)
            // Owned by this test, which awaits it.
            let waiting = loop.spawn { await way.charge(1, on: client) }
            #expect(try await eventually { try await rig.charges() == [1] })
            #expect(try await rig.hits() == 1)
            // The toxic's end is the end of the delay.
            try await rig.removeToxic()
            #expect(try await waiting.value == nil)
        }
    }

    @Test
    func `a delayed acknowledgement is late by its delay`() async throws {
        try await PostgresRig.run { rig in
            try await rig.toxic("delay_commit_ack", #"{"delay":300}"#)
            let client = try await rig.connect()
            defer { client.close() }
            let time = try await milliseconds {
                #expect(await Way.simple.charge(1, on: client) == nil)
            }
            #expect(time >= 300)
        }
    }

    @Test
    func `only commits of transactions that touched the table are hit`() async throws {
        try await PostgresRig.run { rig in
            try await rig.direct.simple("CREATE TABLE notes (id int)")
            try await rig.toxic("drop_commit", match: #"{"table":"charges"}"#)
            let client = try await rig.connect()
            defer { client.close() }
            for way in Way.allCases {
                try await way.run("BEGIN", on: client)
                try await way.run("INSERT INTO notes VALUES (1)", on: client)
                try await way.run("COMMIT", on: client)
            }
            #expect(await Way.extended.charge(1, on: client) != nil)
            #expect(try await rig.charges() == [])
            #expect(try await rig.direct.query("SELECT 1 FROM notes").count == 2)
        }
    }
}

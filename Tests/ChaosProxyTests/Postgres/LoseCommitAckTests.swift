import EventLoop
import HTTP
import JSON
import Postgres
import PostgresServer
import Testing

@testable import ChaosProxy

/// With a real server: what counts is what the database holds, not only what the client saw.
@Suite(.serialized)
struct LoseCommitAckTests {
    /// A link to a fresh database: connection strings through the proxy and past it.
    struct Link: Sendable {
        var through: String
        var direct: String
    }

    private func link(_ rig: ProxyRig) async throws -> Link {
        let database = try await SharedCluster.instance().database()
        let server = try SocketAddress(parsing: "127.0.0.1:\(database.port)")
        let address = try await rig.proxy(to: server, protocol: "postgres")
        let port = try #require(address.port)
        let through = database.conninfo.replacing("port=\(database.port)", with: "port=\(port)")
        try #require(through != database.conninfo)
        return Link(through: through, direct: database.socketConninfo)
    }

    private func connect(_ conninfo: String) async throws -> PostgresConnection {
        try await PostgresConnection.connect(conninfo, timeout: .seconds(10))
    }

    @Test
    func `the database holds the row although the client saw a broken connection`() async throws {
        try await ProxyRig.run { rig in
            let link = try await link(rig)
            let direct = try await connect(link.direct)
            defer { direct.close() }
            try await direct.simple("CREATE TABLE charges (id int PRIMARY KEY)")
            let client = try await connect(link.through)
            try await rig.toxic(#"{"type":"lose_commit_ack","name":"l","match":{"nth":2}}"#)
            for id in 1...2 {
                try await client.simple("BEGIN")
                _ = try await client.query("INSERT INTO charges VALUES ($1)", [.int(Int64(id))])
                if id == 1 {
                    try await client.simple("COMMIT")
                } else {
                    await #expect(throws: PostgresError.self) {
                        try await client.simple("COMMIT")
                    }
                }
            }
            client.close()
            let rows = try await direct.query("SELECT id FROM charges ORDER BY id")
            #expect(rows.count == 2, "the server committed what the client must doubt")
            let answer = try await rig.ask("GET", "/proxies/p/toxics/l/firings?since=0")
            #expect(answer["hits"] == 1)
            let firing = answer["firings"]?[0]
            #expect(firing?["ordinal"] == 1)
            #expect(firing?["detail"]?["occurrence"] == 2)
            #expect(firing?["detail"]?["statement"] == 6)
            let now = Loop.wallMicroseconds()
            #expect((now - 30_000_000...now).contains(firing?["at_us"]?.integerValue ?? 0))
            // The server was told goodbye: its session is gone, not waiting for a lost client.
            let sessions = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
            #expect(try await eventually { try await direct.query(sessions).count == 1 })
        }
    }

    @Test
    func `every 5th commit of a link is lost, counted over its connections`() async throws {
        try await ProxyRig.run { rig in
            let link = try await link(rig)
            let direct = try await connect(link.direct)
            defer { direct.close() }
            try await direct.simple("CREATE TABLE charges (id int PRIMARY KEY)")
            try await rig.toxic(#"{"type":"lose_commit_ack","name":"l","match":{"every":5}}"#)
            var pool: [PostgresConnection] = []
            for _ in 0..<3 { pool.append(try await connect(link.through)) }
            var lost: [Int] = []
            for id in 1...32 {
                let client = pool[id % 3]
                do throws(PostgresError) {
                    // One query string, so that it commits in one round trip; ROLLBACKs and single
                    // statements between must not count.
                    try await client.simple("BEGIN; ROLLBACK; SELECT 1")
                    try await client.simple("BEGIN; INSERT INTO charges VALUES (\(id)); COMMIT")
                } catch {
                    lost.append(id)
                    client.close()
                    pool[id % 3] = try await connect(link.through)
                }
            }
            for client in pool { client.close() }
            #expect(lost == [5, 10, 15, 20, 25, 30])
            #expect(try await direct.query("SELECT id FROM charges").count == 32)
            let toxic = try await rig.ask("GET", "/proxies/p/toxics/l")
            #expect(toxic["hits"] == 6)
            #expect(toxic["occurrences"] == 32)
        }
    }

    @Test
    func `without the toxic and after its removal every session is left alone`() async throws {
        try await ProxyRig.run { rig in
            let link = try await link(rig)
            let client = try await connect(link.through)
            try await client.simple("CREATE TABLE t (id int PRIMARY KEY, word text)")
            try await rig.toxic(#"{"type":"lose_commit_ack","name":"l","match":{"nth":1000}}"#)
            try await client.transaction { connection in
                for id in 1...50 {
                    _ = try await connection.query(
                        "INSERT INTO t VALUES ($1, repeat('x', 5000))",
                        [.int(Int64(id))]
                    )
                }
            }
            await #expect(throws: PostgresError.self) { try await client.simple("nonsense") }
            let rows = try await client.query("SELECT sum(length(word)) AS total FROM t")
            #expect(try rows[0].int("total") == 250_000)
            try await rig.ask("DELETE", "/proxies/p/toxics/l")
            try await client.transaction { _ = try await $0.query("DELETE FROM t") }
            let list = try await rig.ask("GET", "/proxies/p/connections")
            #expect(list[0]?["session"]?["phase"] == "session")
            #expect(list[0]?["session"]?["commits"] == 2)
            client.close()
        }
    }
}

import ChaosStatistics
import EventLoop
import JSON
import Postgres
import PostgresServer
import Testing

@testable import ChaosProxy

/// What a link counts of the traffic that it carries.
struct TrafficTests {
    private func traffic(_ rig: ProxyRig) async throws -> LinkTraffic {
        let first = await rig.server.figures().first
        return try #require(first).traffic
    }

    @Test
    func `connections and bytes are counted while they flow and after they are gone`() async throws
    {
        try await ProxyRig.run { rig in
            let address = try await rig.proxy(to: try rig.echo())
            let client = try await rig.connect(address)
            #expect(try await client.exchange("hello") == "hello")
            let live = try await traffic(rig)
            #expect((live.accepted, live.open) == (1, 1))
            #expect((live.upstream.received, live.downstream.received) == (5, 5))
            client.close()
            #expect(
                try await eventually { await rig.server.figures().first?.traffic.open == 0 }
            )
            let after = try await traffic(rig)
            #expect((after.accepted, after.open) == (1, 0))
            #expect((after.upstream.received, after.downstream.received) == (5, 5))
            #expect((after.transactions, after.commitLatency.count) == (0, 0))
        }
    }

    @Test
    func `transactions are counted and COMMITs timed as the client sees them`() async throws {
        try await ProxyRig.run { rig in
            let database = try await SharedCluster.instance().database()
            let server = try SocketAddress(parsing: "127.0.0.1:\(database.port)")
            let port = try #require(try await rig.proxy(to: server, protocol: "postgres").port)
            let client = try await PostgresConnection.connect(
                database.conninfo.replacing("port=\(database.port)", with: "port=\(port)")
            )
            defer { client.close() }
            let before = try await traffic(rig)
            try await client.simple("SELECT 1")
            try await client.simple("BEGIN; CREATE TEMP TABLE t (n int)")
            try await client.simple("INSERT INTO t VALUES (1)")
            #expect(try await traffic(rig).transactions - before.transactions == 1)
            try await rig.toxic(#"{"type":"latency","attributes":{"latency":150}}"#)
            try await client.simple("COMMIT")
            let after = try await traffic(rig)
            #expect(after.transactions - before.transactions == 2)
            #expect(after.commits - before.commits == 1)
            #expect(after.commitLatency.count == 1)
            // The answer was held by the toxic: the client waited that long, and so was it timed.
            #expect(try #require(after.commitLatency.min) >= 150_000)
        }
    }

    @Test func `an answer has left when its last byte has, and too many under way are let go`() {
        var clock = CommitClock()
        clock.acknowledged(mark: 5)
        #expect(clock.nextMark == .max)
        clock.asked(now: 10)
        clock.acknowledged(mark: 100)
        clock.asked(now: 20)
        clock.acknowledged(mark: 200)
        #expect(clock.nextMark == 100)
        #expect(clock.left(byteCount: 99) == nil)
        #expect(clock.left(byteCount: 250) == 10)
        #expect(clock.left(byteCount: 250) == 20)
        #expect(clock.left(byteCount: 250) == nil)
        for mark in 1...100 { clock.acknowledged(mark: mark) }
        var count = 0
        while clock.left(byteCount: 1_000) != nil { count += 1 }
        #expect(count == 16)
    }
}

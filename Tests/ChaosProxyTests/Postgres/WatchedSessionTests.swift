import EventLoop
import HTTP
import JSON
import LinuxSystem
import Postgres
import PostgresServer
import Testing

@testable import ChaosProxy

/// Sessions of PostgreSQL's own programs through a link that is only watched.
@Suite(.serialized)
struct WatchedSessionTests {
    /// Runs a program of PostgreSQL to its end; returns its exit status.
    private func run(_ program: String, _ arguments: [String]) async throws -> Int32 {
        let folder = try PostgresBinaries.find().directory
        var request = SpawnRequest(executable: "\(folder)/\(program)", arguments: arguments)
        request.stdout = .null
        request.stderr = .null
        request.dieWithParent = true
        return try await ChildProcess.spawn(request).wait().shellStatus
    }

    @Test
    func `pgbench loads with COPY and runs every protocol, and each of its commits is counted`()
        async throws
    {
        try await ProxyRig.run { rig in
            let database = try await SharedCluster.instance().database()
            let server = try SocketAddress(parsing: "127.0.0.1:\(database.port)")
            let address = try await rig.proxy(to: server, protocol: "postgres")
            let port = try #require(address.port)
            let through = database.conninfo.replacing(
                "port=\(database.port)",
                with: "port=\(port)"
            )
            #expect(try await run("pgbench", ["-i", "-q", "-s", "1", through]) == 0)
            try await rig.toxic(
                #"{"type":"lose_commit_ack","name":"count","match":{"nth":1000000}}"#
            )
            for mode in ["simple", "extended", "prepared"] {
                let arguments = ["-M", mode, "-c", "4", "-t", "40", "-n", through]
                #expect(try await run("pgbench", arguments) == 0, "\(mode)")
            }
            let direct = try await PostgresConnection.connect(database.socketConninfo)
            defer { direct.close() }
            let loaded = try await direct.query("SELECT count(*) AS n FROM pgbench_accounts")
            #expect(try loaded[0].int("n") == 100_000)
            let history = try await direct.query("SELECT count(*) AS n FROM pgbench_history")
            #expect(try history[0].int("n") == 480)
            let toxic = try await rig.ask("GET", "/proxies/p/toxics/count")
            #expect(toxic["occurrences"] == 480)
            #expect(toxic["hits"] == 0)
        }
    }

    @Test
    func `a cancel request passes through`() async throws {
        try await ProxyRig.run { rig in
            let database = try await SharedCluster.instance().database()
            let server = try SocketAddress(parsing: "127.0.0.1:\(database.port)")
            let port = try #require(try await rig.proxy(to: server, protocol: "postgres").port)
            let through = database.conninfo.replacing(
                "port=\(database.port)",
                with: "port=\(port)"
            )
            let client = try await PostgresConnection.connect(through)
            let direct = try await PostgresConnection.connect(database.socketConninfo)
            defer {
                client.close()
                direct.close()
            }
            let loop = try #require(Loop.current)
            // Owned by this test, which awaits it.
            let sleeper = loop.spawn {
                do throws(PostgresError) {
                    try await client.simple("SELECT pg_sleep(20)", timeout: .seconds(25))
                    return "not cancelled"
                } catch {
                    return error.sqlState ?? "no state"
                }
            }
            let active = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'"
            #expect(try await eventually { try await direct.query(active).count == 1 })
            try await client.cancel()
            #expect(try await sleeper.value == "57014")
        }
    }
}

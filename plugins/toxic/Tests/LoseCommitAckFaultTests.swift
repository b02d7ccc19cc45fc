import ChaosPluginAPI
import EventLoop
import JSON
import Postgres
import PostgresServer
import Testing

@testable import FaultToxic

struct LoseCommitAckFaultTests {
    @Test
    func `every 3rd acknowledgement is lost, told one by one, and the rows are there`()
        async throws
    {
        try await ToxicRig.run { rig in
            let database = try await SharedCluster.instance().database()
            try await rig.link(
                to: try SocketAddress(parsing: "127.0.0.1:\(database.port)"),
                protocol: "postgres"
            )
            let port = try #require(rig.listen.port)
            let through = database.conninfo
                .replacing("port=\(database.port)", with: "port=\(port)")
            let direct = try await PostgresConnection.connect(database.socketConninfo)
            defer { direct.close() }
            try await direct.simple("CREATE TABLE t (id int PRIMARY KEY)")
            let fault = try #require(try ToxicPlugin().fault("lose-commit-ack"))
            let context = rig.context(["every": 3])
            let undo = try await fault.prepare(context)
            try await fault.inject(context, undo)
            let idle = try await fault.confirm(context, undo)
            #expect(idle.hits == 0, "nothing happened yet")
            var lost: [Int] = []
            for id in 1...10 {
                let client = try await PostgresConnection.connect(through)
                do throws(PostgresError) {
                    try await client.simple("BEGIN; INSERT INTO t VALUES (\(id)); COMMIT")
                } catch {
                    lost.append(id)
                }
                client.close()
            }
            #expect(lost == [3, 6, 9])
            let effect = try await fault.confirm(context, undo)
            #expect(effect.hits == 3)
            #expect(effect.unit == "acknowledgements lost")
            #expect(effect.detail["occurrences"] == 10)
            #expect(effect.firings.map(\.ordinal) == [1, 2, 3])
            #expect(effect.firings.map { $0.detail["occurrence"] } == [3, 6, 9])
            #expect(effect.firings.allSatisfy { $0.detail["connection"] != nil })
            #expect(try await direct.query("SELECT 1 FROM t").count == 10)
            try await fault.revert(undo)
            try await fault.confirmReverted(undo)
        }
    }
}

import EventLoop
import LinuxSystem
import PostgresServer
import RabbitMQ
import Testing

@testable import RabbitMQServer

/// A throwaway RabbitMQ is ours alone and leaves nothing.
@Suite(
    .enabled(
        if: RabbitBinaries.areInstalled,
        "rabbitmq-server is not installed: apt-get install rabbitmq-server"
    ),
    .timeLimit(.minutes(2))
) struct RabbitClusterTests {
    private static func onLoop(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let loop = try Loop.start(label: "rabbit-server-test")
        defer { loop.stop() }
        try await loop.spawn(body).value
    }

    @Test func `a server keeps its data over a crash, and goes with all that belongs to it`()
        async throws
    {
        try await Self.onLoop {
            let folder = try SystemFiles.makeTemporaryDirectory(prefix: "chaos-mq-")
            try SystemFiles.setMode(folder, 0o755)
            let cluster = try await RabbitCluster.start(
                RabbitRequest(directory: folder + "/cluster", logs: [folder + "/rabbit-1.log"]),
                binaries: try RabbitBinaries.find(),
                account: try ServerAccount.current(preferring: "rabbitmq")
            )
            try await Self.with(cluster) { connection in
                try await connection.withChannel { channel throws(RabbitError) in
                    try channel.quorumQueue("kept")
                }
                let channel = try await connection.openPublisher()
                try await connection.publish(
                    [("kept", RabbitMessage(id: "1", body: "b"))],
                    to: "",
                    on: channel,
                    within: .seconds(5)
                )
            }
            try await cluster.settle(["kept"])
            await cluster.processes[0].stop([])
            try await cluster.restart(0)
            try await Self.with(cluster) { connection in
                let channel = try await connection.openPublisher()
                let kept = try await connection.read(
                    "kept",
                    on: channel,
                    until: { _ in true },
                    within: .seconds(10)
                )
                #expect(kept?.map(\.message.id) == ["1"])
            }
            let ours = [cluster.epmd.pid, cluster.processes[0].pid]
            let all = ours + ours.flatMap { ProcessTable.descendants(of: $0).map(\.pid) }
            #expect(all.count > ours.count)
            try await cluster.remove()
            // The machine's helpers end by themselves when it is gone.
            let end = Loop.monotonicNanoseconds() + 10_000_000_000
            while all.contains(where: { ProcessTable.entry($0).map { $0.state != "Z" } ?? false }) {
                try #require(Loop.monotonicNanoseconds() < end, "\(all)")
                try await Loop.current?.sleep(for: .milliseconds(20))
            }
            #expect(try SystemFiles.list(folder) == ["rabbit-1.log"])
            try SystemFiles.removeTree(folder)
        }
    }

    private static func with(
        _ cluster: RabbitCluster,
        _ body: (RabbitConnection) async throws -> Void
    ) async throws {
        let connection = try await RabbitConnection.open(cluster.endpoints[0])
        try await body(connection)
        await connection.close()
    }
}

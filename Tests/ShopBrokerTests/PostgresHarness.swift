import EventLoop
import LinuxSystem
import Postgres
import PostgresServer
import ShopCore
import Synchronization

@testable import ShopBroker

/// The log in PostgreSQL, in a database of the test's own.
struct PostgresHarness: BrokerHarness {
    let conninfo: String
    /// The server, where it is the test's own.
    var cluster: PostgresCluster?
    private static let topics = Mutex(0)

    /// A database of the shared server.
    static func make() async throws -> PostgresHarness {
        try await make(try await SharedCluster.instance().database().socketConninfo, nil)
    }

    /// A server that may be killed; `remove` it in the end.
    static func makeMortal() async throws -> PostgresHarness {
        let account = try ServerAccount.current()
        let folder = try SystemFiles.makeTemporaryDirectory(prefix: "chaos-pg-")
        try account.own(folder)
        let cluster = try await PostgresCluster.start(
            ClusterRequest(
                name: "mortal",
                directory: folder + "/cluster",
                databases: ["broker"],
                log: folder + "/log"
            ),
            binaries: try PostgresBinaries.find(),
            account: account
        )
        return try await make(cluster.socketConninfo(), cluster)
    }

    private static func make(
        _ conninfo: String,
        _ cluster: PostgresCluster?
    ) async throws -> PostgresHarness {
        let connection = try await PostgresConnection.connect(conninfo)
        defer { connection.close() }
        try await connection.simple(ShopDatabase.broker.script())
        return PostgresHarness(conninfo: conninfo, cluster: cluster)
    }

    func broker() async throws -> any Broker {
        PostgresBroker(conninfo, lease: .milliseconds(800))
    }

    func topic(partitions: Int) async throws -> String {
        let name = Self.topics.withLock { count in
            count += 1
            return "topic-\(count)"
        }
        let connection = try await PostgresConnection.connect(conninfo)
        defer { connection.close() }
        try await connection.query(
            """
            INSERT INTO broker_partitions (topic, partition)
            SELECT $1, generate_series(0, $2::int - 1)
            """,
            [.string(name), .int(Int64(partitions))]
        )
        return name
    }

    /// What is committed is.
    func settle() async throws {}

    func crash() async throws {
        guard let cluster else { preconditionFailure("the shared server is not killed") }
        await cluster.process.stop([])
        // The dead server's own processes may hold its memory for a moment.
        let end = Loop.monotonicNanoseconds() + 10_000_000_000
        while true {
            do {
                return try await cluster.restart()
            } catch {
                guard Loop.monotonicNanoseconds() < end else { throw error }
                try await Loop.current?.sleep(for: .milliseconds(50))
            }
        }
    }

    func remove() async throws {
        guard let cluster else { return }
        try await cluster.remove()
        try SystemFiles.removeTree(SystemFiles.parent(of: cluster.request.directory))
    }
}

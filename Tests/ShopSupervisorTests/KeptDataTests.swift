import ChaosModel
import EventLoop
import HTTP
import Postgres
import RabbitMQServer
import ShopCore
import Testing

@testable import ShopSupervisor

// What `down --keep` leaves, and who may go on with it.
extension SupervisorTests {
    @Test func `databases that are kept are there again, and only when they are wanted`()
        async throws
    {
        try await withState {
            var options = options
            let client = HTTPClient()
            let first = try await up(options)
            #expect(try await Self.order("kept", first, client) == "confirmed")
            let outcome = try await down(keeps: true)
            #expect(outcome == .stopped)
            #expect(try status().state == .absent)
            #expect(try await down(keeps: true) == .absent)
            options.keepsDatabases = true
            let second = try await up(options)
            #expect(try await Self.number("orders", Self.orders, second) == 1)
            #expect(try await Self.order("kept", second, client) == "confirmed")
            #expect(try await Self.number("orders", Self.orders, second) == 1)
            _ = try await down(keeps: true)
            options.keepsDatabases = false
            #expect(try await Self.number("orders", Self.orders, try await up(options)) == 0)
        }
    }

    @Test func `a start that fails, or cannot go on with them, leaves kept databases`()
        async throws
    {
        try await withState {
            var options = options
            options.keepsDatabases = true
            let client = HTTPClient()
            #expect(try await Self.order("kept", try await up(options), client) == "confirmed")
            _ = try await down(keeps: true)
            var other = options
            other.broker = .rabbit(nodes: 1)
            let refused = await #expect(throws: ShopError.self) { _ = try await up(other) }
            #expect(refused?.code == .kept)
            #expect(refused?.message.contains("Go on with --broker postgres") == true)
            var broken = options
            broken.chaosExecutable = "/bin/false"
            let failed = await #expect(throws: ShopError.self) { _ = try await up(broken) }
            #expect(failed?.code == .start)
            #expect(try await Self.number("orders", Self.orders, try await up(options)) == 1)
        }
    }

    @Test(
        .enabled(
            if: RabbitBinaries.areInstalled,
            "rabbitmq-server is not installed: apt-get install rabbitmq-server"
        )
    )
    func `with RabbitMQ orders are confirmed and told of after its data was kept`() async throws {
        try await withState {
            var options = options
            options.broker = .rabbit(nodes: 1)
            options.keepsDatabases = true
            let client = HTTPClient()
            for round in 1...2 {
                let system = try await up(options)
                #expect(try await Self.order("round-\(round)", system, client) == "confirmed")
                let told = "SELECT count(*) AS n FROM notifications"
                for _ in 0..<1500 {
                    if try await Self.number("notifications", told, system) == round { break }
                    try await Loop.current?.sleep(for: .milliseconds(20))
                }
                #expect(try await Self.number("notifications", told, system) == Int64(round))
                _ = try await down(keeps: true)
            }
        }
    }

    private static let orders = "SELECT count(*) AS n FROM orders"

    /// A number that the observer of a service's database reads.
    private static func number(
        _ service: String,
        _ sql: String,
        _ system: SystemDescription
    ) async throws -> Int64 {
        let database = system.databases.first { $0.service == service }
        let connection = try await PostgresConnection.connect(try #require(database?.observer))
        defer { connection.close() }
        return try #require(try await connection.query(sql).first).int("n")
    }
}

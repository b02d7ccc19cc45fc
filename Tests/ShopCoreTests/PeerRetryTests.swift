import EventLoop
import HTTP
import Postgres
import Synchronization
import Telemetry
import Testing

@testable import ShopCore

/// What a peer that fails every second time is sent, over real sockets.
@Suite(.timeLimit(.minutes(1)))
struct PeerRetryTests {
    /// Counts what arrives, and answers 503 and 200 in turn.
    private final class Moody: Sendable {
        let count = Atomic<Int>(0)

        func answer() -> HTTPResponse {
            let number = count.wrappingAdd(1, ordering: .relaxed).newValue
            return HTTPResponse(status: number.isMultiple(of: 2) ? 200 : 503)
        }
    }

    /// How many of so many retries are sent, right after each other.
    private static func sent(_ retries: Int, mutants: [Mutant]) async throws -> Int {
        let loop = try Loop.start(label: "peer")
        defer { loop.stop() }
        return try await loop.spawn {
            let moody = Moody()
            let server = try await HTTPServer.start(on: SocketAddress(parsing: "127.0.0.1:0")) {
                _ in moody.answer()
            }
            let configuration = ShopServiceConfiguration(
                role: .payments,
                listen: "127.0.0.1:0",
                database: "host=/nowhere",
                peers: [.processor: ["http://\(server.address)"]],
                mutants: mutants
            )
            let context = ServiceContext(configuration, logger: .silent)
            let client = HTTPClient()
            let peer = context.peer(.processor, client: client, breaker: context.breaker())
            var refused = 0
            for _ in 0..<retries {
                let response = try await peer.request(
                    "GET",
                    "/",
                    headers: [:],
                    body: [],
                    timeout: .seconds(5),
                    isRetry: true
                )
                if response == nil { refused += 1 }
            }
            let counted = context.metrics.counter(
                "peer_retries_refused_total",
                help: "",
                [("peer", "processor")]
            )
            #expect(counted.value == refused)
            client.close()
            context.pool.close()
            await server.shutdown(grace: .seconds(1))
            let count = moody.count.load(ordering: .relaxed)
            #expect(count == retries - refused)
            return count
        }.value
    }

    @Test func `a peer is sent no more retries than its budget has`() async throws {
        let sent = try await Self.sent(1000, mutants: [])
        #expect((200..<600).contains(sent))
    }

    @Test func `without the budget it is sent all of them`() async throws {
        #expect(try await Self.sent(400, mutants: [.withoutRetryBudgets]) == 400)
    }
}

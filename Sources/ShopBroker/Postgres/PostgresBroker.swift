import EventLoop
import Postgres
package import ShopCore
import Synchronization

/// The broker as tables of a PostgreSQL database.
///
/// Confined to the loop on which it was made.
package final class PostgresBroker: Broker {
    /// How long a statement may take.
    static let patience: Duration = .seconds(5)

    package var system: String { "postgresql" }

    private let conninfo: String
    private let lease: Duration
    private let mutants: [Mutant]
    private let pool: PostgresPool
    private let partitions = Mutex<[String: Int64]>([:])

    /// Opens nothing yet; traps outside of a loop.
    ///
    /// `lease` is how long a member that says nothing keeps its lanes from others.
    package init(
        _ conninfo: String,
        connectionsMax: Int = 2,
        lease: Duration = .seconds(4),
        mutants: [Mutant] = []
    ) {
        self.conninfo = conninfo
        self.lease = lease
        self.mutants = mutants
        pool = PostgresPool(conninfo, size: connectionsMax, acquireTimeout: Self.patience)
    }

    package func publish(
        _ messages: [BrokerMessage],
        to topic: String,
        by publisher: BrokerPublisher
    ) async throws {
        guard !messages.isEmpty else { return }
        let count = try await partitions(of: topic)
        let rows = try await pool.query(
            BrokerStatements.publish(isFenced: !mutants.contains(.unfencedRelay)),
            [
                .string(publisher.name), .int(publisher.token), .string(topic),
                .ints(messages.map { KeyHash.partition(of: partitionKey($0), count: count) }),
                .strings(messages.map(\.id)), .strings(messages.map(\.key)),
                .strings(messages.map(\.type)), .ints(messages.map(\.version)),
                .strings(messages.map(\.payload)), .strings(traces(of: messages)),
            ],
            timeout: Self.patience
        )
        guard let row = rows.first, try row.int("admitted") == 1 else { throw BrokerError.fenced }
        let written = try row.int("written")
        guard written == messages.count else {
            throw BrokerError.refused("\(written) of \(messages.count) messages were written")
        }
    }

    package func subscribe(
        _ request: BrokerSubscriptionRequest
    ) async throws -> any BrokerSubscription {
        let subscription = PostgresSubscription(request, conninfo: conninfo, lease: lease)
        do {
            try await subscription.join()
        } catch {
            await subscription.close()
            throw error
        }
        return subscription
    }

    package func close() async { pool.close() }

    /// Nothing when no message is traced: the statement fills up with NULL.
    private func traces(of messages: [BrokerMessage]) -> [String?] {
        messages.contains { $0.trace != nil } ? messages.map(\.trace) : []
    }

    private func partitionKey(_ message: BrokerMessage) -> String {
        mutants.contains(.roundRobinPartitions) ? message.id : message.key
    }

    private func partitions(of topic: String) async throws -> Int64 {
        if let known = partitions.withLock({ $0[topic] }) { return known }
        let rows = try await pool.query(
            BrokerStatements.partitions,
            [.string(topic)],
            timeout: Self.patience
        )
        let count = try rows.first?.int("count") ?? 0
        guard count > 0 else { throw BrokerError.unknownTopic(topic) }
        partitions.withLock { $0[topic] = count }
        return count
    }
}

import EventLoop
package import RabbitMQ
import ShopCore
import Synchronization

/// The broker as exchanges and quorum queues of RabbitMQ, one server or a cluster.
///
/// Confined to the loop on which it was made, but for its connections' own threads.
package final class RabbitBroker: Broker {
    /// How long a publication, or what a member says, may take.
    static let patience: Duration = .seconds(10)

    package var system: String { "rabbitmq" }

    private let endpoints: [RabbitEndpoint]
    private let topology: RabbitTopology
    private let lease: Duration
    private let link: RabbitLink
    private let state = Mutex(State())

    private struct State {
        /// The channel for publications, as long as its connection is this one.
        var publisher: (connection: RabbitConnection, channel: UInt16)?
        /// Tokens whose doors were opened.
        var admitted: Set<Admission> = []
    }

    private struct Admission: Hashable {
        var topic: String
        var publisher: String
        var token: Int64
    }

    /// Opens nothing yet.
    ///
    /// `lease` is how long a member that holds deliveries and says nothing keeps its lanes.
    package init(
        _ endpoints: [RabbitEndpoint],
        topology: RabbitTopology,
        lease: Duration = .seconds(15)
    ) {
        self.endpoints = endpoints
        self.topology = topology
        self.lease = lease
        link = RabbitLink(endpoints)
    }

    /// Declares the topology; what is there already is fine.
    package func declare() async throws {
        try await link.use(within: .seconds(30)) { connection in
            try await topology.declare(on: connection)
        }
    }

    package func publish(
        _ messages: [BrokerMessage],
        to topic: String,
        by publisher: BrokerPublisher
    ) async throws {
        guard !messages.isEmpty else { return }
        guard let count = topology.topics[topic] else { throw BrokerError.unknownTopic(topic) }
        let admission = Admission(
            topic: topic,
            publisher: publisher.name,
            token: publisher.token
        )
        let now = Loop.wallMicroseconds()
        let batch = messages.map { message in
            (
                key: "\(KeyHash.partition(of: message.key, count: count))",
                message: RabbitMessage(message, publishedAt: now)
            )
        }
        try await link.use(within: Self.patience * 2) { connection in
            if !state.withLock({ $0.admitted.contains(admission) }) {
                try await RabbitFence(topology: topology, topic: topic, publisher: publisher)
                    .open(on: connection)
                state.withLock { _ = $0.admitted.insert(admission) }
            }
            let channel = try await channel(of: connection)
            do {
                try await connection.publish(
                    batch,
                    to: topology.door(topic, publisher),
                    on: channel,
                    within: Self.patience
                )
            } catch let error as RabbitError {
                state.withLock { state in
                    if error.code != .unconfirmed { state.publisher = nil }
                    if error.code == .missing { state.admitted.remove(admission) }
                }
                switch error.code {
                case .missing: throw BrokerError.fenced
                case .unconfirmed: throw BrokerError.refused(error.reason)
                default: throw error
                }
            }
        }
    }

    package func subscribe(
        _ request: BrokerSubscriptionRequest
    ) async throws -> any BrokerSubscription {
        for topic in request.topics where topology.topics[topic] == nil {
            throw BrokerError.unknownTopic(topic)
        }
        let subscription = RabbitSubscription(
            request,
            endpoints: endpoints,
            topology: topology,
            lease: lease
        )
        do {
            try await subscription.join()
        } catch {
            await subscription.close()
            throw error
        }
        return subscription
    }

    package func close() async { await link.close() }

    private func channel(of connection: RabbitConnection) async throws -> UInt16 {
        if let known = state.withLock({ $0.publisher }), known.connection === connection {
            return known.channel
        }
        let channel = try await connection.openPublisher()
        state.withLock { $0.publisher = (connection, channel) }
        return channel
    }
}

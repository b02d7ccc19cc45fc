import EventLoop
import RabbitMQ
import ShopCore
import Synchronization

/// A member of a consumer group on RabbitMQ: one consumer for each partition's queue, of which
/// RabbitMQ lets one member's be active at a time.
///
/// ```
/// queue ─▶ channel, 500 ahead ─▶ lane ─claim (offset and token of the consumer's database)─▶ batch
/// acknowledged: one "up to this tag" for each lane
/// ```
/// What a member held when its connection ends comes again to the next one; the claim keeps the
/// former one from moving the lane any more.
final class RabbitSubscription: BrokerSubscription {
    /// How many messages of a lane may be here and not acknowledged.
    static let prefetch: UInt16 = 500
    /// How often a member looks whether it has more than its share.
    static let sharePeriod: Duration = .seconds(1)
    /// How long a reader waits after it was woken, so that one look brings more.
    static let linger: Duration = .milliseconds(3)

    private let request: BrokerSubscriptionRequest
    private let topology: RabbitTopology
    private let link: RabbitLink
    /// The inbox of the connection that is being made.
    private let draft: Draft
    private let session = Mutex<Session?>(nil)
    private let doorbell: Doorbell
    /// For members that keep no positions themselves.
    private let claimsMade = Mutex<Int64>(0)
    /// When the shares were looked at, monotonic nanoseconds.
    private let sharedAt = Mutex(Loop.monotonicNanoseconds())

    /// A connection with what it has delivered: tags mean something only there.
    private struct Session: Sendable {
        var connection: RabbitConnection
        var inbox: RabbitInbox
    }

    private final class Draft: Sendable {
        private let inbox: Mutex<RabbitInbox>
        private let doorbell: Doorbell

        init(_ doorbell: Doorbell) {
            self.doorbell = doorbell
            inbox = Mutex(RabbitInbox(doorbell))
        }

        var value: RabbitInbox { inbox.withLock { $0 } }

        func renew() -> RabbitInbox {
            let new = RabbitInbox(doorbell)
            inbox.withLock { $0 = new }
            return new
        }
    }

    init(
        _ request: BrokerSubscriptionRequest,
        endpoints: [RabbitEndpoint],
        topology: RabbitTopology,
        lease: Duration
    ) {
        self.request = request
        self.topology = RabbitTopology(
            name: topology.name,
            topics: topology.topics.filter { request.topics.contains($0.key) },
            groups: [request.consumer: request.topics]
        )
        let doorbell = Doorbell()
        let draft = Draft(doorbell)
        self.doorbell = doorbell
        self.draft = draft
        link = RabbitLink(endpoints) {
            let inbox = draft.renew()
            var settings = RabbitConnection.Settings()
            settings.onEvent = { inbox.take($0) }
            settings.isWanted = { inbox.isAlive(within: lease) }
            return settings
        }
    }

    /// Connects and begins to consume.
    func join() async throws {
        _ = try await link.connection { try await self.begin($0) }
    }

    func next(atMost count: Int, within patience: Duration) async throws -> BrokerBatch {
        let end = Loop.monotonicNanoseconds() + patience.nanosecondsClamped
        while true {
            let session = try await living()
            try await share(session)
            try await refuseForeign(session)
            try await claim(session.inbox)
            let batch = session.inbox.next(atMost: count)
            let rest = end - Loop.monotonicNanoseconds()
            guard batch.deliveries.isEmpty, rest > 0 else { return batch }
            await doorbell.wait(atMost: .nanoseconds(rest))
            try Task.checkCancellation()
            try await Loop.current?.sleep(for: Self.linger)
        }
    }

    func acknowledge(_ batch: BrokerBatch) async throws {
        guard !batch.deliveries.isEmpty, let session = session.withLock({ $0 }) else { return }
        session.inbox.touch()
        let due = session.inbox.acknowledge(batch)
        guard !due.isEmpty else { return }
        try await link.use(session.connection, within: RabbitBroker.patience) { connection in
            for (channel, tag) in due { try await connection.acknowledge(upTo: tag, on: channel) }
        }
    }

    /// Where the consumer is the next claim asks by itself.
    func seek(_ lane: BrokerLane.Place, to offset: Int64) async { await rewind() }

    func rewind() async { session.withLock { $0 }?.inbox.rewind() }

    func close() async { await link.close() }
}

extension RabbitSubscription {
    private func begin(_ connection: RabbitConnection) async throws {
        let inbox = draft.value
        try await topology.declare(on: connection)
        _ = try await connection.consume(topology.members(request.consumer), prefetch: 1)
        for place in topology.places(of: request.topics) {
            let queue = topology.queue(place.topic, request.consumer, place.partition)
            inbox.open(place, try await connection.consume(queue, prefetch: Self.prefetch))
        }
        session.withLock { $0 = Session(connection: connection, inbox: inbox) }
    }

    /// The living connection with its inbox; throws when it has ended, and makes another the next
    /// time.
    private func living() async throws -> Session {
        try await join()
        guard let session = session.withLock({ $0 }) else { throw CancellationError() }
        session.inbox.touch()
        if let end = session.inbox.end {
            await link.drop()
            throw end
        }
        return session
    }

    /// Goes to the end of the line for lanes beyond this member's share.
    ///
    /// RabbitMQ lets who came first read everything until it leaves.
    private func share(_ session: Session) async throws {
        let now = Loop.monotonicNanoseconds()
        let isDue = sharedAt.withLock { last in
            guard now - last > Self.sharePeriod.nanosecondsClamped else { return false }
            last = now
            return true
        }
        let places = topology.places(of: request.topics)
        guard isDue else { return }
        let roll = topology.members(request.consumer)
        do {
            try await link.use(session.connection, within: RabbitBroker.patience) { connection in
                let members = try await connection.withChannel { channel throws(RabbitError) in
                    try channel.consumerCount(of: roll)
                }
                let share = (places.count + max(1, members) - 1) / max(1, members)
                for (channel, place) in session.inbox.giveUp(beyond: share) {
                    try await connection.closeChannel(channel)
                    let queue = topology.queue(place.topic, request.consumer, place.partition)
                    let next = try await connection.consume(queue, prefetch: Self.prefetch)
                    session.inbox.open(place, next)
                }
            }
        } catch {
            // Lanes that were given up and not consumed again would be nobody's here for good: the
            // next connection begins with all of them.
            await link.drop()
            throw error
        }
    }

    private func refuseForeign(_ session: Session) async throws {
        while true {
            let foreign = session.inbox.removeForeign()
            guard !foreign.isEmpty else { return }
            try await link.use(session.connection, within: RabbitBroker.patience) { connection in
                for (channel, tag) in foreign { try await connection.reject(tag, on: channel) }
            }
        }
    }

    private func claim(_ inbox: RabbitInbox) async throws {
        let places = inbox.unclaimed
        guard !places.isEmpty else { return }
        if let claims = request.claims {
            inbox.take(over: try await claims(places))
            return
        }
        let positions = try await request.positions(places)
        let token = claimsMade.withLock { count in
            count += 1
            return count
        }
        let claims = places.map { place in
            (place, BrokerClaim(offset: positions[place] ?? 0, token: token))
        }
        inbox.take(over: Dictionary(uniqueKeysWithValues: claims))
    }
}

/// Where relays publish and consumers read; whatever stands behind it, the same tests hold.
package protocol Broker: Sendable {
    /// What it is, in OpenTelemetry's words (`messaging.system`).
    var system: String { get }

    /// Appends messages to a topic, all of them or none, in their order for each key.
    ///
    /// At least once: after an error, unless it is `BrokerError.fenced`, the messages may be there
    /// or not; publish them again. Throws `BrokerError.fenced` when a newer token was seen.
    func publish(
        _ messages: [BrokerMessage],
        to topic: String,
        by publisher: BrokerPublisher
    ) async throws

    /// Joins a consumer group.
    func subscribe(_ request: BrokerSubscriptionRequest) async throws -> any BrokerSubscription

    /// Closes the connections; subscriptions are closed by themselves.
    func close() async
}

/// A member's part in a consumer group.
///
/// Used by one task at a time.
package protocol BrokerSubscription: Sendable {
    /// The messages that follow those delivered before, or none when `patience` is over.
    func next(atMost count: Int, within patience: Duration) async throws -> BrokerBatch

    /// Says that a batch is handled and need not come again to this group.
    func acknowledge(_ batch: BrokerBatch) async throws

    /// Delivers again from a position: where the consumer's own database says that it is.
    func seek(_ lane: BrokerLane.Place, to offset: Int64) async

    /// Forgets what was delivered and not acknowledged: it comes again.
    func rewind() async

    /// Leaves the group at once, so that others take over without waiting for a lease to end.
    func close() async
}

/// Who publishes, and by which right.
package struct BrokerPublisher: Sendable, Hashable {
    /// The same for all who take turns: the outbox's name.
    package var name: String
    /// Greater for each new holder of the outbox's lease.
    package var token: Int64

    package init(name: String, token: Int64) {
        self.name = name
        self.token = token
    }
}

/// Who reads what.
package struct BrokerSubscriptionRequest: Sendable {
    /// Where lanes are by what the consumer itself keeps; those that are left out begin where the
    /// group was.
    package typealias Positions =
        @Sendable ([BrokerLane.Place]) async throws -> [BrokerLane.Place: Int64]

    /// Takes lanes over in what the consumer itself keeps: who held them before can move them no
    /// more.
    package typealias Claims =
        @Sendable ([BrokerLane.Place]) async throws -> [BrokerLane.Place: BrokerClaim]

    /// The group: its members share the partitions.
    package var consumer: String
    /// This member, different from all others and from its own earlier lives.
    package var member: String
    package var topics: [String]
    /// Asked for lanes that are new to this member.
    package var positions: Positions
    /// Asked instead where the broker itself deals out neither offsets nor lanes' tokens.
    package var claims: Claims?

    package init(
        consumer: String,
        member: String,
        topics: [String],
        positions: @escaping Positions = { _ in [:] },
        claims: Claims? = nil
    ) {
        self.consumer = consumer
        self.member = member
        self.topics = topics
        self.positions = positions
        self.claims = claims
    }
}

/// Where a lane is, and the token under which it may be moved.
package struct BrokerClaim: Sendable, Hashable {
    package var offset: Int64
    /// Greater than that of every earlier claim.
    package var token: Int64

    package init(offset: Int64, token: Int64) {
        self.offset = offset
        self.token = token
    }
}

/// What went wrong, beside what the connection underneath throws.
package enum BrokerError: Error, Equatable {
    /// A publisher with a newer token has taken over: this one must not publish any more.
    case fenced
    /// There is no such topic.
    case unknownTopic(String)
    /// The broker did not take the messages.
    case refused(String)
}

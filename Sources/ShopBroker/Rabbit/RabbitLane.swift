/// What a member has of one partition; a value.
///
/// RabbitMQ numbers deliveries for each channel and forgets what is acknowledged, so the offsets
/// are the consumer's own count: the first message after a claim has the offset that its database
/// is at. What is delivered stays here until it is acknowledged, so that going back asks nobody.
struct RabbitLane: Sendable, Equatable {
    private struct Entry: Sendable, Equatable {
        var tag: UInt64
        /// `nil` when it is none of ours; nothing behind it is handed out before it is refused.
        var message: BrokerMessage?
        var publishedAt: Int64
    }

    let place: BrokerLane.Place
    private var token: Int64?
    /// The offset of the first entry.
    private var first: Int64 = 0
    private var entries: [Entry] = []
    /// How many entries were handed out.
    private var handed = 0
    /// Whether RabbitMQ has let us read it: then it does until we give it up.
    private(set) var isActive = false

    init(place: BrokerLane.Place) {
        self.place = place
    }

    /// Whether it may be handed out only after a claim.
    var needsClaim: Bool { token == nil && !entries.isEmpty }
    /// Whether something is waiting to be handed out or acknowledged.
    var isEmpty: Bool { entries.isEmpty }
    var hasMore: Bool { handed < entries.count }

    mutating func arrive(_ tag: UInt64, _ message: BrokerMessage?, publishedAt: Int64) {
        isActive = true
        entries.append(Entry(tag: tag, message: message, publishedAt: publishedAt))
    }

    /// Numbers what is here from the claim's offset on.
    mutating func take(over claim: BrokerClaim) {
        token = claim.token
        first = claim.offset
        handed = 0
    }

    /// What follows, at most so many.
    mutating func next(atMost count: Int) -> [BrokerDelivery] {
        guard let token else { return [] }
        let lane = BrokerLane(place: place, token: token)
        var deliveries: [BrokerDelivery] = []
        while deliveries.count < count, hasMore, let message = entries[handed].message {
            deliveries.append(
                BrokerDelivery(
                    lane: lane,
                    offset: first + Int64(handed),
                    message: message,
                    publishedAt: entries[handed].publishedAt
                )
            )
            handed += 1
        }
        return deliveries
    }

    /// Removes the message that holds up the others since it is none of ours, and names its tag.
    mutating func removeForeign() -> UInt64? {
        guard hasMore, entries[handed].message == nil else { return nil }
        return entries.remove(at: handed).tag
    }

    /// Forgets what is handled and names the tag up to which it is; `nil` when nothing is, or when
    /// the lane was claimed anew meanwhile.
    mutating func acknowledge(_ lane: BrokerLane, upTo next: Int64) -> UInt64? {
        let count = Int(next - first)
        guard lane.token == token, count > 0, count <= handed else { return nil }
        let tag = entries[count - 1].tag
        entries.removeFirst(count)
        first = next
        handed -= count
        return tag
    }

    /// Hands everything out again, after another claim.
    mutating func rewind() {
        token = nil
        handed = 0
    }
}

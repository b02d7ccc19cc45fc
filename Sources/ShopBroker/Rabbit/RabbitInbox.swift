import EventLoop
import RabbitMQ
import ShopCore
import Synchronization

/// What one connection has delivered to a member; it goes with the connection.
final class RabbitInbox: Sendable {
    private struct State {
        var lanes: [UInt16: RabbitLane] = [:]
        /// What came before it was known which lane a channel is.
        var early: [UInt16: [RabbitDelivery]] = [:]
        /// Channels that were given up; what still comes of them comes again elsewhere.
        var gone: Set<UInt16> = []
        var end: RabbitError?
        /// Monotonic nanoseconds at which the member last said something, or got something to say
        /// something about.
        var touchedAt = Loop.monotonicNanoseconds()

        mutating func add(_ delivery: RabbitDelivery) {
            guard !gone.contains(delivery.channel) else { return }
            guard lanes[delivery.channel] != nil else {
                early[delivery.channel, default: []].append(delivery)
                return
            }
            if lanes.values.allSatisfy(\.isEmpty) { touchedAt = Loop.monotonicNanoseconds() }
            lanes[delivery.channel]?.arrive(
                delivery.tag,
                BrokerMessage(delivery.message),
                publishedAt: delivery.message.headers["published_us"]?.number ?? 0
            )
        }
    }

    private let state = Mutex(State())
    private let doorbell: Doorbell

    init(_ doorbell: Doorbell) {
        self.doorbell = doorbell
    }

    /// Why the connection is over.
    var end: RabbitError? { state.withLock { $0.end } }

    /// Takes what the connection tells, on its thread.
    func take(_ event: RabbitEvent) {
        state.withLock { state in
            switch event {
            case .delivery(let delivery): state.add(delivery)
            case .channelLost(_, let error), .ended(let error): state.end = state.end ?? error
            }
        }
        doorbell.ring()
    }

    /// Says which lane a channel is.
    func open(_ place: BrokerLane.Place, _ channel: UInt16) {
        state.withLock { state in
            state.gone.remove(channel)
            state.lanes[channel] = RabbitLane(place: place)
            for delivery in state.early.removeValue(forKey: channel) ?? [] { state.add(delivery) }
        }
    }

    /// The member is alive.
    func touch() { state.withLock { $0.touchedAt = Loop.monotonicNanoseconds() } }

    /// Whether nothing is held, or the member said something within a time.
    func isAlive(within lease: Duration) -> Bool {
        state.withLock { state in
            let silence = Loop.monotonicNanoseconds() - state.touchedAt
            return silence < lease.nanosecondsClamped || state.lanes.values.allSatisfy(\.isEmpty)
        }
    }

    /// The channels that RabbitMQ lets us read, beyond so many; the lanes are forgotten.
    func giveUp(beyond share: Int) -> [(channel: UInt16, place: BrokerLane.Place)] {
        state.withLock { state in
            let active = state.lanes.filter(\.value.isActive).sorted { $0.key < $1.key }
            return active.dropFirst(share).map { channel, lane in
                state.lanes[channel] = nil
                state.gone.insert(channel)
                return (channel, lane.place)
            }
        }
    }

    /// The lanes that must be claimed before anything of them is handed out.
    var unclaimed: [BrokerLane.Place] {
        state.withLock { $0.lanes.values.filter(\.needsClaim).map(\.place) }
    }

    func take(over claims: [BrokerLane.Place: BrokerClaim]) {
        state.withLock { state in
            for (channel, lane) in state.lanes where lane.needsClaim {
                if let claim = claims[lane.place] { state.lanes[channel]?.take(over: claim) }
            }
        }
    }

    /// What follows in all lanes, a fair part of each.
    func next(atMost count: Int) -> BrokerBatch {
        state.withLock { state in
            let channels = state.lanes.keys.filter { state.lanes[$0]?.hasMore == true }.sorted()
            let most = max(1, count / max(1, channels.count))
            var deliveries: [BrokerDelivery] = []
            for channel in channels {
                deliveries += state.lanes[channel]?.next(atMost: most) ?? []
            }
            // With many at once there are more on the way.
            let isAll =
                deliveries.count < Int(RabbitSubscription.prefetch) / 2
                && !state.lanes.values.contains(where: \.hasMore)
            return BrokerBatch(deliveries, isAll: isAll)
        }
    }

    /// Takes out the messages that hold up others since no publisher of ours has sent them.
    func removeForeign() -> [(channel: UInt16, tag: UInt64)] {
        state.withLock { state in
            state.lanes.keys.compactMap { channel in
                state.lanes[channel]?.removeForeign().map { (channel, $0) }
            }
        }
    }

    /// The tags up to which a batch is handled, by channel.
    func acknowledge(_ batch: BrokerBatch) -> [(channel: UInt16, tag: UInt64)] {
        state.withLock { state in
            batch.extents.compactMap { extent in
                let channel = state.lanes.first { $0.value.place == extent.lane.place }?.key
                guard let channel else { return nil }
                return state.lanes[channel]?.acknowledge(extent.lane, upTo: extent.next)
                    .map { (channel, $0) }
            }
        }
    }

    func rewind() {
        state.withLock { state in
            for channel in state.lanes.keys { state.lanes[channel]?.rewind() }
        }
    }
}

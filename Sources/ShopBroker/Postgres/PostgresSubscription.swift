import EventLoop
import Postgres
import ShopCore
import Synchronization

/// A member of a consumer group on the log in PostgreSQL.
///
/// ```
/// four times a lease (and when told): members, leases ─LeasePlan─▶ keep · take · release
/// NOTIFY ─▶ doorbell ─▶ linger 3 ms ─▶ one fetch for all lanes ─▶ batch
/// ```
/// What is handled is noted with the next renewal: the consumer's own database knows it exactly.
final class PostgresSubscription: BrokerSubscription {
    /// How often the log is looked at when nobody tells of anything.
    static let pollPeriod: Duration = .milliseconds(500)
    /// How long a reader waits after it was woken, so that one look brings more.
    static let linger: Duration = .milliseconds(3)

    private struct State {
        var lanes: [BrokerLane.Place: Holding] = [:]
        /// Monotonic nanoseconds until which the lanes are ours.
        var validUntil: Int64 = 0
        var isClosed = false
    }

    private struct Holding {
        var lane: BrokerLane
        /// The next offset to deliver.
        var cursor: Int64
        /// What is handled.
        var handled: Int64
        var isNoted = true
    }

    private let request: BrokerSubscriptionRequest
    private let conninfo: String
    /// How long the lanes are ours after a renewal was begun.
    private let lease: Duration
    private let pool: PostgresPool
    private let loop: Loop
    private let state = Mutex(State())
    private let doorbell = Doorbell()
    private let renewal = Doorbell()
    private let tasks = Mutex<[Task<Void, any Error>]>([])

    init(_ request: BrokerSubscriptionRequest, conninfo: String, lease: Duration) {
        guard let loop = Loop.current else {
            preconditionFailure("a subscription is made outside of a loop")
        }
        self.request = request
        self.conninfo = conninfo
        self.lease = lease
        self.loop = loop
        // One to fetch, one to renew: a long fetch must not cost the lease.
        pool = PostgresPool(conninfo, size: 2, acquireTimeout: PostgresBroker.patience)
    }

    /// Takes the first lanes and begins to renew and to listen.
    func join() async throws {
        try await query(
            BrokerStatements.prepare,
            [.string(request.consumer), .strings(request.topics)]
        )
        try await renew()
        // Those who have more than their share now give some up.
        try await query(BrokerStatements.tell, [group])
        // Owned by this subscription, cancelled by `close`.
        let renewing = loop.spawn { [self] in
            while !Task.isCancelled {
                await renewal.wait(atMost: lease / 4)
                try Task.checkCancellation()
                // The lanes end by themselves when this fails for long.
                try? await renew()
            }
        }
        let listening = loop.spawn { [self] in try await listen() }
        tasks.withLock { $0 = [renewing, listening] }
    }

    func next(atMost count: Int, within patience: Duration) async throws -> BrokerBatch {
        let end = Loop.monotonicNanoseconds() + patience.nanosecondsClamped
        while true {
            let batch = try await fetch(atMost: count)
            let rest = end - Loop.monotonicNanoseconds()
            guard batch.deliveries.isEmpty, rest > 0 else { return batch }
            await doorbell.wait(atMost: min(.nanoseconds(rest), Self.pollPeriod))
            try Task.checkCancellation()
            try await loop.sleep(for: Self.linger)
        }
    }

    func acknowledge(_ batch: BrokerBatch) async throws {
        state.withLock { state in
            for extent in batch.extents
            where state.lanes[extent.lane.place]?.lane == extent.lane {
                state.lanes[extent.lane.place]?.handled = extent.next
                state.lanes[extent.lane.place]?.isNoted = false
            }
        }
    }

    func seek(_ lane: BrokerLane.Place, to offset: Int64) async {
        state.withLock { state in
            state.lanes[lane]?.cursor = offset
            state.lanes[lane]?.handled = offset
        }
    }

    func rewind() async {
        state.withLock { state in
            for (place, holding) in state.lanes {
                state.lanes[place]?.cursor = holding.handled
            }
        }
    }

    func close() async {
        let isFirst = state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
        guard isFirst else { return }
        for task in tasks.withLock({ $0 }) { task.cancel() }
        _ = try? await noteHandled()
        _ = try? await query(
            BrokerStatements.leave,
            [.string(request.consumer), .string(request.member)]
        )
        pool.close()
    }
}

// Reading.
extension PostgresSubscription {
    private func fetch(atMost count: Int) async throws -> BrokerBatch {
        let now = Loop.monotonicNanoseconds()
        let holdings = state.withLock { state in
            state.validUntil > now ? Array(state.lanes.values) : []
        }
        guard !holdings.isEmpty else { return BrokerBatch() }
        let most = max(1, count / holdings.count)
        let rows = try await query(
            BrokerStatements.fetch,
            [
                .strings(holdings.map(\.lane.place.topic)),
                .ints(holdings.map(\.lane.place.partition)),
                .ints(holdings.map(\.cursor)), .int(Int64(most)),
            ]
        )
        let lanes = Dictionary(uniqueKeysWithValues: holdings.map { ($0.lane.place, $0.lane) })
        let batch = BrokerBatch(
            try rows.compactMap { row throws in try Self.delivery(row, lanes) },
            isAll: false
        )
        let extents = batch.extents
        state.withLock { state in
            for extent in extents where state.lanes[extent.lane.place]?.lane == extent.lane {
                state.lanes[extent.lane.place]?.cursor = extent.next
            }
        }
        let isAll = extents.allSatisfy { $0.next - $0.first < most }
        return BrokerBatch(batch.deliveries, isAll: isAll)
    }

    private static func delivery(
        _ row: PostgresRow,
        _ lanes: [BrokerLane.Place: BrokerLane]
    ) throws -> BrokerDelivery? {
        let place = BrokerLane.Place(
            topic: row.text(at: 0) ?? "",
            partition: try row.int("partition")
        )
        guard let lane = lanes[place] else { return nil }
        return BrokerDelivery(
            lane: lane,
            offset: try row.int("log_offset"),
            message: BrokerMessage(
                id: row.text(at: 3) ?? "",
                key: row.text(at: 4) ?? "",
                type: row.text(at: 5) ?? "",
                version: try row.int("version"),
                payload: row.text(at: 7) ?? "",
                trace: row.text(at: 9)
            ),
            publishedAt: try row.int("published_us")
        )
    }

    private func listen() async throws {
        var failures = 0
        while !Task.isCancelled {
            do {
                let connection = try await PostgresConnection.connect(
                    conninfo,
                    timeout: PostgresBroker.patience
                )
                defer { connection.close() }
                let stream = try await connection.listen(BrokerStatements.channel)
                failures = 0
                for await notification in stream {
                    if notification.payload == request.consumer { renewal.ring() }
                    if request.topics.contains(notification.payload) { doorbell.ring() }
                }
            } catch {
                failures += 1
            }
            try await loop.sleep(for: Backoff().delay(afterFailures: max(1, failures)))
        }
    }

    @discardableResult
    private func query(
        _ sql: String,
        _ parameters: [PostgresValue?]
    ) async throws -> PostgresRows {
        try await pool.query(sql, parameters, timeout: PostgresBroker.patience)
    }
}

// Sharing.
extension PostgresSubscription {
    private var group: PostgresValue { .string(request.consumer) }
    private var me: PostgresValue { .string(request.member) }

    private func renew() async throws {
        try await noteHandled()
        let begin = Loop.monotonicNanoseconds()
        let patience = PostgresBroker.patience
        var hasChanged = false
        let held = try await pool.transaction(timeout: patience) { connection in
            try await connection.query(BrokerStatements.lock, [group], timeout: patience)
            let members = try await connection.query(
                BrokerStatements.members,
                [group, me, .int(lease.nanosecondsClamped / 1_000_000)],
                timeout: patience
            ).map { row throws in try row.string("member") }
            let leases = try await connection.query(
                BrokerStatements.leases,
                [group, .strings(request.topics)],
                timeout: patience
            ).map { row throws in
                LeasePlan.Lease(
                    place: try Self.place(row),
                    member: try row.stringOrNil("member"),
                    isOver: try row.bool("is_over")
                )
            }
            let plan = LeasePlan(of: request.member, members: members, leases: leases)
            hasChanged = !plan.taken.isEmpty || !plan.released.isEmpty
            try await carryOut(BrokerStatements.release, plan.released, connection)
            return try await carryOut(
                BrokerStatements.hold,
                plan.kept + plan.taken,
                connection,
                [.int(lease.nanosecondsClamped / 1_000_000)]
            )
        }
        try await take(held, until: begin + lease.nanosecondsClamped)
        guard hasChanged else { return }
        try await query(BrokerStatements.tell, [group])
        doorbell.ring()
    }

    @discardableResult
    private func carryOut(
        _ statement: String,
        _ places: [BrokerLane.Place],
        _ connection: PostgresConnection,
        _ more: [PostgresValue?] = []
    ) async throws -> PostgresRows? {
        guard !places.isEmpty else { return nil }
        return try await connection.query(
            statement,
            [group, me, .strings(places.map(\.topic)), .ints(places.map(\.partition))] + more,
            timeout: PostgresBroker.patience
        )
    }

    /// Goes on where it was in the lanes that stayed; in new ones where the consumer says, or else
    /// where the group was.
    private func take(_ rows: PostgresRows?, until end: Int64) async throws {
        var lanes: [BrokerLane: Int64] = [:]
        for row in rows.map(Array.init) ?? [] {
            let lane = BrokerLane(place: try Self.place(row), token: try row.int("token"))
            lanes[lane] = try row.int("next_offset")
        }
        let known = state.withLock { $0.lanes }
        let new = lanes.keys.filter { known[$0.place]?.lane != $0 }
        let positions = new.isEmpty ? [:] : try await request.positions(new.map(\.place))
        for lane in new { lanes[lane] = positions[lane.place] ?? lanes[lane] }
        state.withLock { state in
            var held: [BrokerLane.Place: Holding] = [:]
            for (lane, offset) in lanes {
                let known = state.lanes[lane.place].flatMap { $0.lane == lane ? $0 : nil }
                held[lane.place] = known ?? Holding(lane: lane, cursor: offset, handled: offset)
            }
            state.lanes = held
            state.validUntil = end
        }
    }

    private func noteHandled() async throws {
        let due = state.withLock { state in
            let due = state.lanes.values.filter { !$0.isNoted }
            for holding in due { state.lanes[holding.lane.place]?.isNoted = true }
            return due
        }
        guard !due.isEmpty else { return }
        try await query(
            BrokerStatements.acknowledge,
            [
                group, .strings(due.map(\.lane.place.topic)),
                .ints(due.map(\.lane.place.partition)), .ints(due.map(\.lane.token)),
                .ints(due.map(\.handled)),
            ]
        )
    }

    private static func place(_ row: PostgresRow) throws -> BrokerLane.Place {
        BrokerLane.Place(topic: try row.string("topic"), partition: try row.int("partition"))
    }
}

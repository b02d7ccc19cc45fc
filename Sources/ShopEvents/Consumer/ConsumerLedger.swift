import Postgres
import ShopBroker
import ShopCore
import Synchronization

/// The consumer's own database: offsets, inbox and effects, changed together or not at all.
final class ConsumerLedger: Sendable {
    /// Another member has taken a lane over, or this one does not know where it is.
    struct LaneLost: Error {}

    private static let patience: Duration = .seconds(10)

    private let context: ServiceContext
    private let handler: any EventHandler
    /// Where the lanes are, as far as this process moved them.
    private let known = Mutex<[BrokerLane: Int64]>([:])

    init(_ context: ServiceContext, _ handler: any EventHandler) {
        self.context = context
        self.handler = handler
    }

    /// Whether trying again brings the same: the event's fault and not the database's.
    static func isPermanent(_ error: any Error) -> Bool {
        if error is PoisonedEvent { return true }
        guard let error = error as? PostgresError else { return false }
        return error.code == .server && !error.isRetryable || error.code == .value
    }

    /// Where the lanes of a batch are: as this process moved or claimed them, or else by the
    /// database.
    ///
    /// A lane that is known is never asked for again: should another member have moved it, its
    /// offset says nothing of this member's deliveries, and moving the lane fails as it must.
    func positions(of batch: BrokerBatch) async throws -> [BrokerLane.Place: Int64] {
        let lanes = batch.extents.map(\.lane)
        let cached = known.withLock { $0 }
        let strange = lanes.filter { cached[$0] == nil }
        let asked = strange.isEmpty ? [:] : try await positions(of: strange.map(\.place))
        known.withLock { known in
            for lane in strange { known[lane] = asked[lane.place] }
        }
        var positions = asked
        for lane in lanes { if let position = cached[lane] { positions[lane.place] = position } }
        return positions
    }

    /// Where partitions are by this database.
    func positions(of places: [BrokerLane.Place]) async throws -> [BrokerLane.Place: Int64] {
        let rows = try await context.pool.query(
            ConsumerStatements.positions,
            [.strings(places.map(\.topic)), .ints(places.map(\.partition))],
            timeout: ServiceContext.databasePatience
        )
        var positions: [BrokerLane.Place: Int64] = [:]
        for row in rows {
            let place = BrokerLane.Place(
                topic: try row.string("topic"),
                partition: try row.int("partition")
            )
            positions[place] = try row.int("next_offset")
        }
        return positions
    }

    /// Takes lanes over, for a broker that deals out neither offsets nor tokens.
    func claims(of places: [BrokerLane.Place]) async throws -> [BrokerLane.Place: BrokerClaim] {
        let rows = try await context.pool.query(
            ConsumerStatements.claim,
            [.strings(places.map(\.topic)), .ints(places.map(\.partition))],
            timeout: ServiceContext.databasePatience
        )
        var claims: [BrokerLane.Place: BrokerClaim] = [:]
        for row in rows {
            let place = BrokerLane.Place(
                topic: try row.string("topic"),
                partition: try row.int("partition")
            )
            claims[place] = BrokerClaim(
                offset: try row.int("next_offset"),
                token: try row.int("token")
            )
        }
        // Deliveries are counted from this offset, whatever the database says later.
        known.withLock { known in
            for (place, claim) in claims {
                known[BrokerLane(place: place, token: claim.token)] = claim.offset
            }
        }
        return claims
    }

    /// Forgets where the lanes are: the next batch asks.
    func forget() async { known.withLock { $0 = [:] } }

    /// Handles what of a batch was not handled before.
    func apply(_ batch: BrokerBatch) async throws {
        try await advance(batch) { fresh, connection in
            guard !fresh.isEmpty else { return }
            try await self.handler.apply(fresh, connection)
        }
    }

    /// Moves past an event that cannot be handled, and keeps it.
    func park(_ delivery: BrokerDelivery, tries: Int, reason: String) async throws {
        let message = delivery.message
        let parameters: [PostgresValue?] = [
            .string(message.id), .string(delivery.lane.place.topic),
            .int(delivery.lane.place.partition), .int(delivery.offset), .string(message.key),
            .string(message.type), .int(message.version), .string(message.payload),
            .int(Int64(tries)), .string(reason), message.trace.map { .string($0) },
        ]
        try await advance(BrokerBatch([delivery])) { fresh, connection in
            guard !fresh.isEmpty, !self.context.has(.deadLetterDropped) else { return }
            try await connection.query(
                ConsumerStatements.park,
                parameters,
                timeout: Self.patience
            )
        }
    }

    /// One transaction: offsets and inbox, then the effect of what is new; mutants have two.
    private func advance(
        _ batch: BrokerBatch,
        _ effect: ([BrokerMessage], PostgresConnection) async throws -> Void
    ) async throws {
        let positions = known.withLock { $0 }
        let due = batch.deliveries.filter { $0.offset >= positions[$0.lane] ?? 0 }
        let extents = BrokerBatch(due).extents
        guard !extents.isEmpty else { return }
        if context.has(.effectBeforeOffset) {
            try await context.pool.transaction(timeout: Self.patience) { connection in
                try await effect(due.map(\.message), connection)
            }
        }
        let late = try await context.pool.transaction(timeout: Self.patience) { connection in
            let fresh = try await note(due, extents, at: positions, connection)
            if context.has(.offsetBeforeEffect) { return fresh }
            if !context.has(.effectBeforeOffset) { try await effect(fresh, connection) }
            return []
        }
        if !late.isEmpty {
            try await context.pool.transaction(timeout: Self.patience) { connection in
                try await effect(late, connection)
            }
        }
        known.withLock { known in
            for extent in extents { known[extent.lane] = extent.next }
        }
    }

    /// Moves the offsets and returns the messages that are new.
    private func note(
        _ due: [BrokerDelivery],
        _ extents: [BrokerBatch.Extent],
        at positions: [BrokerLane: Int64],
        _ connection: PostgresConnection
    ) async throws -> [BrokerMessage] {
        let row = try await connection.query(
            ConsumerStatements.advance(for: context),
            [
                .strings(extents.map(\.lane.place.topic)),
                .ints(extents.map(\.lane.place.partition)),
                .ints(extents.map(\.lane.token)),
                .ints(extents.map { positions[$0.lane] }),
                .ints(extents.map(\.next)),
                .strings(due.map(\.message.id)),
            ],
            timeout: Self.patience
        ).first
        guard let row, try row.int("moved") == extents.count else { throw LaneLost() }
        if let ids = try row.stringOrNil("ids") {
            let new = Set(ids.split(separator: ",").map(String.init))
            return Self.first(of: due.map(\.message), among: new)
        }
        return try row.int("fresh") == 0 ? [] : due.map(\.message)
    }

    /// Those whose ids are new, each once: a batch may hold a message twice.
    private static func first(
        of messages: [BrokerMessage],
        among new: Set<String>
    ) -> [BrokerMessage] {
        var left = new
        return messages.filter { left.remove($0.id) != nil }
    }
}

// Dead letters.
extension ConsumerLedger {
    func deadLetters(atMost count: Int) async throws -> PostgresRows {
        try await context.pool.query(
            ConsumerStatements.deadLetters,
            [.int(Int64(count))],
            timeout: ServiceContext.databasePatience
        )
    }

    func deadLetter(_ id: Int64) async throws -> PostgresRow? {
        try await context.pool.query(
            ConsumerStatements.deadLetter,
            [.int(id)],
            timeout: ServiceContext.databasePatience
        ).first
    }

    /// Handles a dead letter after all; false when there is none that was not replayed.
    func replay(_ id: Int64) async throws -> Bool {
        try await context.pool.transaction(timeout: Self.patience) { connection in
            let row = try await connection.query(
                ConsumerStatements.deadLetterToReplay,
                [.int(id)],
                timeout: Self.patience
            ).first
            guard let row else { return false }
            let message = BrokerMessage(
                id: try row.string("message_id"),
                key: try row.string("key"),
                type: try row.string("type"),
                version: try row.int("version"),
                payload: try row.string("payload"),
                trace: try row.stringOrNil("trace")
            )
            try await handler.apply([message], connection)
            try await connection.query(
                ConsumerStatements.replayed,
                [.int(id)],
                timeout: Self.patience
            )
            return true
        }
    }
}

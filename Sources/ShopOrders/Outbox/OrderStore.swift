import JSON
import Postgres
import ShopCore
import Telemetry

/// The orders, their history and their outbox in orders-db.
struct OrderStore: Sendable {
    private let context: ServiceContext
    private let pool: PostgresPool
    private let group: PostgresGroup
    private let statements: MutableStatements
    private let showsTooEarly: Bool

    init(_ context: ServiceContext) {
        self.context = context
        showsTooEarly = context.has(.confirmedTooEarly)
        pool = context.pool
        group = context.group
        statements = MutableStatements(context)
    }

    private static let patience = ServiceContext.databasePatience

    /// What became of a placement.
    enum Placement: Sendable {
        case placed(OutboxCommand)
        /// The key is known: the order that has it.
        case known(orderID: String, requestHash: String, state: String)
    }

    /// Writes the order, its history and its first command in one transaction, once per key; a key
    /// that has expired counts as a new one.
    func place(_ order: OrderRequest, key: String, patience: Duration) async throws -> Placement {
        if let placement = try await attempt(order, key, patience) { return placement }
        try await pool.query(OutboxStatements.freeKey, [.string(key)], timeout: patience)
        guard let placement = try await attempt(order, key, patience) else { throw Self.keyInUse }
        return placement
    }

    private static let keyInUse = RequestError(
        problems: ["the key is in use at this moment. Send it again."]
    )

    /// `nil` when the key has expired.
    private func attempt(
        _ order: OrderRequest,
        _ key: String,
        _ patience: Duration
    ) async throws -> Placement? {
        let orderID = UUIDText.ordered()
        let messageID = UUIDText.ordered()
        if let known = try await statements.lookBeforePlacing(key, pool) { return known }
        try await statements.announce(orderID, order, pool)
        var rows = try await context.traced("INSERT orders") {
            try await group.query(
                statements.place,
                [
                    .string(orderID), .string(key), .string(order.hash), .string(order.customer),
                    .string(order.sku), .int(order.quantity), .int(order.amountCents),
                    .string(messageID), .json(OutboxCommand.payload(order)), context.traceValue,
                ],
                timeout: patience
            )
        }
        if rows.isEmpty {
            // A concurrent equal request has just committed; a new snapshot sees it.
            rows = try await pool.query(
                OutboxStatements.placedBefore,
                [.string(key)],
                timeout: patience
            )
        }
        guard let row = rows.first else { throw Self.keyInUse }
        guard try !row.bool("is_expired") else { return nil }
        guard let sequence = try row.intOrNil("sequence") else {
            return .known(
                orderID: try row.string("id"),
                requestHash: try row.string("request_hash"),
                state: try row.string("state")
            )
        }
        return .placed(
            OutboxCommand(
                sequence: sequence,
                messageID: messageID,
                orderID: orderID,
                type: .reserve,
                order: order,
                attempts: 1,
                age: .zero,
                trace: TraceContext.current
            )
        )
    }

    /// An order as customers see it.
    struct SeenOrder: Sendable {
        /// What `GET /orders/{id}` answers.
        var document: JSONValue
        /// Whether nothing happens to it any more, as far as the answer says.
        var isOver: Bool
    }

    /// An order as customers see it; `nil` when there is none.
    func look(_ orderID: String) async throws -> SeenOrder? { try await look([orderID]).first }

    /// Those of the orders that there are.
    func look(_ orderIDs: [String]) async throws -> [SeenOrder] {
        let rows = try await context.traced("SELECT orders") {
            try await pool.query(
                context.commented(OutboxStatements.look),
                [.strings(orderIDs)],
                timeout: Self.patience
            )
        }
        return try rows.map { row throws in
            let id = try row.string("id")
            let state = try row.string("state")
            if showsTooEarly, ["reserved", "captured"].contains(state) {
                let document: JSONValue = ["order": .string(id), "state": "confirmed"]
                return SeenOrder(document: document, isOver: true)
            }
            var document: JSONObject = ["order": .string(id), "state": .string(state)]
            document["reason"] = try row.stringOrNil("reason").map { .string($0) }
            document["history"] = try JSONValue.parse(try row.string("history"))
            let isOver = OrderState(rawValue: state)?.isFinal ?? false
            return SeenOrder(document: .object(document), isOver: isOver)
        }
    }

    /// Those of the orders that are over.
    func over(among orderIDs: [String]) async throws -> [String] {
        let rows = try await pool.query(
            OutboxStatements.over,
            [.strings(orderIDs)],
            timeout: Self.patience
        )
        return try rows.map { row throws in try row.string("id") }
    }

    /// Claims commands that nobody delivers.
    func claim(atMost count: Int) async throws -> [OutboxCommand] {
        let rows = try await pool.query(
            OutboxStatements.claim,
            [.int(Int64(count))],
            timeout: Self.patience
        )
        return try rows.map { row throws in try OutboxCommand(row: row) }
    }

    /// Makes claims last and returns the numbers of those that somebody else has ended.
    func renew(_ claims: [(sequence: Int64, attempts: Int)]) async throws -> Set<Int64> {
        let rows = try await touch(claims, OutboxStatements.renew)
        let alive = try rows.map { row throws in try row.int("sequence") }
        return Set(claims.map(\.sequence)).subtracting(alive)
    }

    /// Gives claims up at once.
    func giveBack(_ claims: [(sequence: Int64, attempts: Int)]) async throws {
        try await touch(claims, OutboxStatements.giveBack)
    }

    @discardableResult
    private func touch(
        _ claims: [(sequence: Int64, attempts: Int)],
        _ statement: String
    ) async throws -> [PostgresRow] {
        guard !claims.isEmpty else { return [] }
        return try await pool.query(
            statement,
            [.ints(claims.map(\.sequence)), .ints(claims.map { Int64($0.attempts) })],
            timeout: Self.patience
        ).map { $0 }
    }

    /// Moves the order, notes it, ends the command and writes the next one, in one transaction.
    ///
    /// Returns the next command when this call wrote it: `nil` also when the order had moved
    /// before.
    func advance(
        _ command: OutboxCommand,
        to state: OrderState,
        next: SagaCommand?,
        reason: String?
    ) async throws -> OutboxCommand? {
        let messageID = next.map { _ in UUIDText.ordered() }
        let rows = try await context.traced("UPDATE orders") {
            try await group.query(
                statements.advance,
                [
                    .string(command.orderID),
                    .string(OrderSaga.state(awaiting: command.type).rawValue),
                    .string(state.rawValue),
                    reason.map { .string($0) },
                    .int(command.sequence),
                    messageID.map { .string($0) },
                    next.map { .string($0.rawValue) },
                    next.map { _ in .json(OutboxCommand.payload(command.order)) },
                ],
                timeout: Self.patience
            )
        }
        if state == .confirmed { await statements.tellConfirmed(command.orderID, pool) }
        guard let next, let messageID, let sequence = try rows.first?.intOrNil("next") else {
            return nil
        }
        return OutboxCommand(
            sequence: sequence,
            messageID: messageID,
            orderID: command.orderID,
            type: next,
            order: command.order,
            attempts: 1,
            age: command.age,
            trace: command.trace
        )
    }

    /// When the database says that a command's order was placed, in microseconds of the epoch; for
    /// `Mutant.expiryByLocalClock`.
    func placed(_ command: OutboxCommand) async throws -> Int64? {
        let rows = try await pool.query(
            """
            SELECT (extract(epoch FROM created_at) * 1000000)::bigint AS placed FROM orders
            WHERE id = $1::uuid
            """,
            [.string(command.orderID)],
            timeout: Self.patience
        )
        return try rows.first?.int("placed")
    }

    /// Ends a command whose order has moved on without it.
    func finish(_ command: OutboxCommand) async throws {
        _ = try await group.query(
            OutboxStatements.finish,
            [.int(command.sequence)],
            timeout: Self.patience
        )
    }
}

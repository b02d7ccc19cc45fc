import Postgres
import ShopCore

// The mutants of the hold that are more than a changed word: each takes the stock in steps of its
// own, where the correct service has one statement.
extension InventoryService {
    private static let take = """
        UPDATE stock SET available = available - $2::int WHERE sku = $1 AND available >= $2::int
        RETURNING sku
        """

    /// $1 id, $2 order, $3 sku, $4 quantity.
    private static let note = """
        INSERT INTO reservations (id, order_id, sku, quantity, state)
        VALUES ($1::uuid, $2::uuid, $3, $4::int, 'held') ON CONFLICT DO NOTHING
        """

    /// The state that a mutant's hold comes to; `nil` when the correct way is to be gone.
    func mutatedHold(_ hold: HoldRequest, messageID: String) async throws -> String? {
        if context.has(.inboxBeforeEffect) {
            return try await inboxBeforeEffect(hold, messageID)
        }
        guard context.has(.stockLostUpdate) || context.has(.retriedDecrement) else { return nil }
        let known = try await query(
            "SELECT state FROM reservations WHERE order_id = $1::uuid",
            [.string(hold.order)]
        )
        // The lost reservation of the correct service stands for a confirmed one here.
        if let state = try known.first?.string("state") {
            return state == "confirmed" ? "held" : state
        }
        let isTaken =
            context.has(.stockLostUpdate)
            ? try await readComputeWrite(hold) : try await retriedDecrement(hold)
        guard isTaken else { return "out-of-stock" }
        _ = try await query(
            Self.note,
            [
                .string(UUIDText.random()), .string(hold.order), .string(hold.sku),
                .int(hold.quantity),
            ]
        )
        return "held"
    }

    /// `Mutant.stockLostUpdate`: what is written was computed from what was read, a while ago.
    private func readComputeWrite(_ hold: HoldRequest) async throws -> Bool {
        let rows = try await query(
            "SELECT available FROM stock WHERE sku = $1",
            [.string(hold.sku)]
        )
        guard let available = try rows.first?.int("available"), available >= hold.quantity else {
            return false
        }
        _ = try await query(
            "UPDATE stock SET available = $2::int WHERE sku = $1",
            [.string(hold.sku), .int(available - hold.quantity)]
        )
        return true
    }

    /// `Mutant.retriedDecrement`: a broken connection is a reason to do it again.
    private func retriedDecrement(_ hold: HoldRequest) async throws -> Bool {
        let parameters: [PostgresValue?] = [.string(hold.sku), .int(hold.quantity)]
        do {
            return try await !query(Self.take, parameters).isEmpty
        } catch let error as PostgresError where error.code != .server {
            return try await !query(Self.take, parameters).isEmpty
        }
    }

    /// `Mutant.inboxBeforeEffect`: marked as handled first, done then; or not.
    private func inboxBeforeEffect(_ hold: HoldRequest, _ messageID: String) async throws -> String?
    {
        let marked = try await query(
            """
            INSERT INTO inbox (message_id, response) VALUES ($1, '{"state":"held"}')
            ON CONFLICT (message_id) DO NOTHING RETURNING message_id
            """,
            [.string(messageID)]
        )
        guard !marked.isEmpty else { return "held" }
        let rows = try await query(
            statements.reserve,
            [
                .string("\(messageID)/effect"), .string(UUIDText.random()), .string(hold.order),
                .string(hold.sku), .int(hold.quantity), context.traceValue,
            ]
        )
        return try rows.first?.string("state")
    }

    private func query(
        _ statement: String,
        _ parameters: [PostgresValue?]
    ) async throws -> PostgresRows {
        try await context.pool.query(
            statement,
            parameters,
            timeout: ServiceContext.databasePatience
        )
    }
}

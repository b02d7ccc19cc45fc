import HTTP
import JSON
import Postgres
import ShopCore

/// Gives money of a charge back: once for each key, and never more than was charged.
///
/// ```
/// POST /refunds        Idempotency-Key ─▶ refunded (200) once, too much (409), key reused (422)
/// GET  /refunds?key=…  what became of a key: 200 or 404
/// ```
struct RefundDesk: Sendable {
    let context: ServiceContext
    let behaviours: BehaviourDesk

    /// What the statement says of the refunds of a charge `t`.
    static let statementMembers = """
        'refunded_cents', (SELECT coalesce(sum(r.amount_cents), 0)::bigint FROM refunds AS r
            WHERE r.charge_id = t.id)
        """

    var routes: [Route] {
        [
            Route("POST", "/refunds") { request, _ in
                try await behaviours.serve { try await refund(request) }
            },
            Route("GET", "/refunds") { request, _ in try await look(request) },
        ]
    }

    /// $1 charge.
    ///
    /// Refunds of one charge follow one another, each with a snapshot of its own: the next one sees
    /// the one before.
    private static let lock = "SELECT amount_cents FROM charges WHERE id = $1 FOR UPDATE"

    private static let cap = """
        AND $4::bigint + (SELECT coalesce(sum(amount_cents), 0) FROM refunds WHERE charge_id = c.id)
                <= c.amount_cents
        """

    /// $1 id, $2 key, $3 charge, $4 amount.
    ///
    /// One row: the refund that the key has now; no row: it would be more than was charged.
    private static let refund = """
        WITH fresh AS (
            INSERT INTO refunds (id, idempotency_key, charge_id, order_id, amount_cents)
            SELECT $1, $2, c.id, c.order_id, $4::bigint FROM charges AS c
            WHERE c.id = $3 \(cap)
            ON CONFLICT (idempotency_key) DO NOTHING
            RETURNING id, charge_id, order_id, amount_cents
        )
        SELECT id, charge_id, order_id, amount_cents FROM fresh
        UNION ALL
        SELECT id, charge_id, order_id, amount_cents FROM refunds WHERE idempotency_key = $2
        """

    /// `Mutant.refundWithoutKey`: a credit that names no charge knows no bound.
    private static let unboundedRefund = refund.mutated(cap, to: "")

    private static let find = """
        SELECT id, charge_id, order_id, amount_cents FROM refunds WHERE idempotency_key = $1
        """

    private func refund(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard let key = request.headers[ShopHeaders.idempotencyKey], ShopHeaders.isKey(key) else {
            return .problem(400, "\(ShopHeaders.idempotencyKey) is missing. Send one per refund.")
        }
        let refund = try RefundRequest(body: request.body)
        let patience = ServiceContext.databasePatience
        let (charged, made) = try await context.traced("INSERT refunds") {
            try await context.pool.transaction(timeout: patience) { connection in
                let charge = try await connection.query(
                    Self.lock,
                    [.string(refund.charge)],
                    timeout: patience
                ).first
                let rows = try await connection.query(
                    context.has(.refundWithoutKey) ? Self.unboundedRefund : Self.refund,
                    [
                        .string("re_\(UUIDText.ordered())"), .string(key),
                        .string(refund.charge), .int(refund.amountCents),
                    ],
                    timeout: patience
                )
                return (try charge?.int("amount_cents"), rows.first)
            }
        }
        // Another charge's refund may have taken the key at this moment.
        var row = made
        if row == nil { row = try await find(key) }
        guard let row else {
            guard let charged else { return .problem(404, "There is no such charge.") }
            return .problem(409, "The refunds would be more than the \(charged) cents charged.")
        }
        guard try row.string("charge_id") == refund.charge,
            try row.int("amount_cents") == refund.amountCents
        else {
            return .problem(422, "The key was used for another refund. Use a new one.")
        }
        return try refunded(row)
    }

    private func look(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard let key = request.query("key"), ShopHeaders.isKey(key) else {
            return .problem(400, "key: name the key of the refund, as in /refunds?key=refund-7.")
        }
        guard let row = try await find(key) else {
            return .problem(404, "There is no refund of that key.")
        }
        return try refunded(row)
    }

    private func find(_ key: String) async throws -> PostgresRow? {
        try await context.pool.query(
            context.commented(Self.find),
            [.string(key)],
            timeout: ServiceContext.databasePatience
        ).first
    }

    private func refunded(_ row: PostgresRow) throws -> HTTPResponse {
        .document([
            "id": .string(try row.string("id")), "state": "refunded",
            "charge": .string(try row.string("charge_id")),
            "order": .string(try row.string("order_id")),
            "amount_cents": .integer(try row.int("amount_cents")),
        ])
    }
}

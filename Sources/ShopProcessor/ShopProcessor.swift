import HTTP
import JSON
import Postgres
package import ShopCore

// ShopProcessor: the outside card processor with its own ledger — the truth of who was charged.
//
//   POST /charges        Idempotency-Key ─▶ captured (200) once, declined (402), key reused (422)
//   GET  /charges?key=…  what became of a key: 200 or 404
//   POST /refunds, GET /refunds?key=…: money given back, see RefundDesk
//   GET  /statement      all charges, by order, with what was given back
//   PUT  /behaviours/{name}  be slow, fail, answer twice: `BehaviourDesk`
//
// It behaves as real processors document it: the same key with the same parameters gives the same
// charge for ever, with others it is refused. Its table of charges is what double charges are
// counted in.

/// The processor.
package final class ProcessorService: ShopService {
    private let context: ServiceContext
    private let behaviours: BehaviourDesk

    private init(_ context: ServiceContext) {
        self.context = context
        behaviours = BehaviourDesk(context)
    }

    /// Starts the service on the current loop; throws when it cannot listen.
    package static func start(
        _ configuration: ShopServiceConfiguration
    ) async throws -> RunningService {
        try await RunningService.start(configuration) { ProcessorService($0) }
    }

    package var routes: [Route] {
        [
            Route("POST", "/charges") { [self] request, _ in
                try await behaviours.serve { try await charge(request) }
            },
            Route("GET", "/charges") { [self] request, _ in try await look(request) },
            StatementDesk(
                context,
                table: "charges",
                members: """
                    'key', t.idempotency_key, 'amount_cents', t.amount_cents,
                    \(RefundDesk.statementMembers)
                    """
            ).route,
        ] + RefundDesk(context: context, behaviours: behaviours).routes + behaviours.routes
    }

    /// Captures a charge once per key: $1 id, $2 key, $3 order, $4 amount.
    ///
    /// One row: the charge that the key has now; no row: an equal request is being written at this
    /// moment, look again.
    private static let capture = """
        WITH fresh AS (
            INSERT INTO charges (id, idempotency_key, order_id, amount_cents)
            VALUES ($1, $2, $3::uuid, $4::bigint)
            ON CONFLICT (idempotency_key) DO NOTHING
            RETURNING id, order_id, amount_cents
        )
        SELECT id, order_id, amount_cents FROM fresh
        UNION ALL
        SELECT id, order_id, amount_cents FROM charges WHERE idempotency_key = $2
        """

    /// `Mutant.keyForgottenEarly`: a key is known for a second.
    private static let forgetfulCapture =
        capture
        .mutated(
            "VALUES ($1, $2, $3::uuid, $4::bigint)",
            to: """
                SELECT $1, $2, $3::uuid, $4::bigint WHERE NOT EXISTS (SELECT FROM charges
                    WHERE idempotency_key = $2
                        AND created_at > clock_timestamp() - interval '1 second')
                """
        )
        .mutated("ON CONFLICT (idempotency_key) DO NOTHING", to: "")

    private static let find = """
        SELECT id, order_id, amount_cents FROM charges WHERE idempotency_key = $1
        """

    private func charge(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard let key = request.headers[ShopHeaders.idempotencyKey], ShopHeaders.isKey(key) else {
            return .problem(400, "\(ShopHeaders.idempotencyKey) is missing. Send one per charge.")
        }
        let charge = try ChargeRequest(body: request.body)
        guard charge.amountCents != ChargeRequest.declinedAmountCents else {
            return .document(
                ["state": "failed", "order": .string(charge.order), "reason": "card declined"],
                status: 402
            )
        }
        var rows = try await context.traced("INSERT charges") {
            try await context.group.query(
                context.has(.keyForgottenEarly) ? Self.forgetfulCapture : Self.capture,
                [
                    .string("ch_\(UUIDText.ordered())"), .string(key), .string(charge.order),
                    .int(charge.amountCents),
                ],
                timeout: ServiceContext.databasePatience
            )
        }
        if rows.isEmpty { rows = try await find(key) }
        guard let row = rows.first else {
            return .unavailable("The key is being used. Send the same request again.")
        }
        guard try row.string("order_id") == charge.order,
            try row.int("amount_cents") == charge.amountCents
        else {
            return .problem(422, "The key was used for another charge. Use a new one.")
        }
        return try captured(row)
    }

    private func look(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard let key = request.query("key"), ShopHeaders.isKey(key) else {
            return .problem(400, "key: name the key of the charge, as in /charges?key=order-7.")
        }
        guard let row = try await find(key).first else {
            return .problem(404, "There is no charge of that key.")
        }
        return try captured(row)
    }

    private func find(_ key: String) async throws -> PostgresRows {
        try await context.pool.query(
            context.commented(Self.find),
            [.string(key)],
            timeout: ServiceContext.databasePatience
        )
    }

    private func captured(_ row: PostgresRow) throws -> HTTPResponse {
        .document([
            "id": .string(try row.string("id")), "state": "captured",
            "order": .string(try row.string("order_id")),
            "amount_cents": .integer(try row.int("amount_cents")),
        ])
    }
}

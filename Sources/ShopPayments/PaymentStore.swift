import JSON
import Postgres
import ShopCore

/// The payments and the inbox in payments-db.
///
/// Each write is in an explicit BEGIN … COMMIT, which it shares with others under load: the intent
/// is durable before the processor is asked, the result before the caller is answered. A COMMIT
/// whose acknowledgement is lost is *not* resolved here: the caller hears 503, asks again with the
/// same key, and the state that is found decides.
struct PaymentStore: Sendable {
    private let context: ServiceContext
    private let pool: PostgresPool
    private let group: PostgresGroup
    private let isRecordingBlind: Bool

    init(_ context: ServiceContext) {
        self.context = context
        pool = context.pool
        group = PostgresGroup(context.pool, .explicit, timeout: Self.patience)
        isRecordingBlind = context.has(.blindRecording)
    }

    private static let patience = ServiceContext.databasePatience

    /// A row of `payments`.
    struct Payment: Sendable, Equatable {
        var requestHash: String
        var state: String
        /// What was answered; `nil` while the result is unknown.
        var response: JSONValue?

        init(requestHash: String, state: String, response: JSONValue?) {
            self.requestHash = requestHash
            self.state = state
            self.response = response
        }
    }

    /// What the first transaction found.
    enum Intent: Sendable, Equatable {
        /// The intent is written: ask the processor.
        case fresh
        /// The key is known.
        case known(Payment)
        /// This very message, with the same key and body, was answered before.
        case handled(JSONValue)
    }

    /// $1 key, $2 hash, $3 order, $4 amount, $5 message id, $6 trace.
    private static let intend = """
        WITH replay AS (
            SELECT response FROM inbox WHERE message_id = $5 AND EXISTS (
                SELECT FROM payments WHERE idempotency_key = $1 AND request_hash = $2)
        ), intent AS (
            INSERT INTO payments (idempotency_key, request_hash, order_id, amount_cents, state,
                trace)
            VALUES ($1, $2, $3::uuid, $4::bigint, 'pending', $6)
            ON CONFLICT (idempotency_key) DO NOTHING
            RETURNING 1
        )
        SELECT (SELECT count(*) FROM intent) AS fresh, (SELECT response FROM replay) AS replay
        """

    /// $1 key.
    private static let find = """
        SELECT request_hash, state, response FROM payments WHERE idempotency_key = $1
        """

    /// $1 key, $2 hash, $3 order, $4 amount, $5 response.
    ///
    /// One row: the payment's state now; none: the key is being used at this moment.
    private static let void = """
        WITH voided AS (
            INSERT INTO payments (idempotency_key, request_hash, order_id, amount_cents, state,
                response)
            VALUES ($1, $2, $3::uuid, $4::bigint, 'failed', $5::jsonb)
            ON CONFLICT (idempotency_key) DO NOTHING
            RETURNING state
        )
        SELECT state FROM voided
        UNION ALL
        SELECT state FROM payments WHERE idempotency_key = $1
        """

    /// $1 key, $2 state, $3 charge id, $4 response, $5 message id.
    private static let record = """
        WITH recorded AS (
            UPDATE payments SET state = $2, charge_id = $3, response = $4::jsonb,
                updated_at = clock_timestamp()
            WHERE idempotency_key = $1 AND state = 'pending'
        )
        INSERT INTO inbox (message_id, response) VALUES ($5, $4::jsonb)
        ON CONFLICT (message_id) DO NOTHING
        """

    /// The first transaction: the intent, or what is there already.
    func intend(_ charge: ChargeRequest, key: String, messageID: String) async throws -> Intent {
        let rows = try await context.traced("INSERT payments") {
            try await group.query(
                Self.intend,
                [
                    .string(key), .string(charge.hash), .string(charge.order),
                    .int(charge.amountCents), .string(messageID), context.traceValue,
                ],
                timeout: Self.patience
            )
        }
        if let text = try rows.first?.stringOrNil("replay") {
            return .handled(try JSONValue.parse(text))
        }
        if try rows.first?.int("fresh") == 1 { return .fresh }
        guard let known = try await find(key) else {
            throw RequestError(problems: ["the key is in use at this moment. Send it again."])
        }
        return .known(known)
    }

    /// The second transaction: the result, once; a result that is there already stays.
    func record(
        _ response: JSONValue,
        isCaptured: Bool,
        key: String,
        messageID: String
    ) async throws {
        if isRecordingBlind, isCaptured { return try await recordBlindly(response, key) }
        _ = try await context.traced("UPDATE payments") {
            try await group.query(
                Self.record,
                [
                    .string(key), .string(isCaptured ? "captured" : "failed"),
                    response["charge_id"]?.stringValue.map { .string($0) },
                    .json(response.serialized()), .string(messageID),
                ],
                timeout: Self.patience
            )
        }
    }

    /// `Mutant.blindRecording`: a row of its own for each try, and no look at the earlier ones.
    private func recordBlindly(_ response: JSONValue, _ key: String) async throws {
        let row = """
            INSERT INTO payments (idempotency_key, request_hash, order_id, amount_cents, state,
                charge_id, response)
            SELECT $1 || '/' || gen_random_uuid(), request_hash, order_id, amount_cents,
                'captured', $2, $3::jsonb
            FROM payments WHERE idempotency_key = $1
            """
        for tries in 1...3 {
            do {
                return try await pool.transaction(timeout: Self.patience) { connection in
                    _ = try await connection.query(
                        row,
                        [
                            .string(key), response["charge_id"]?.stringValue.map { .string($0) },
                            .json(response.serialized()),
                        ],
                        timeout: Self.patience
                    )
                }
            } catch  where tries < 3 {}
        }
    }

    /// Takes an unused key out of use; returns the state of the key's payment.
    func void(
        _ charge: ChargeRequest,
        key: String,
        response: JSONValue
    ) async throws -> String {
        let rows = try await pool.query(
            context.commented(Self.void),
            [
                .string(key), .string(charge.hash), .string(charge.order),
                .int(charge.amountCents), .json(response.serialized()),
            ],
            timeout: Self.patience
        )
        return try rows.first?.string("state") ?? "pending"
    }

    /// The payment of a key, `nil` when there is none.
    func find(_ key: String) async throws -> Payment? {
        try await pool.query(
            context.commented(Self.find),
            [.string(key)],
            timeout: Self.patience
        ).first
            .map { row throws in try payment(row) }
    }

    private func payment(_ row: PostgresRow) throws -> Payment {
        Payment(
            requestHash: try row.string("request_hash"),
            state: try row.string("state"),
            response: try row.stringOrNil("response").map { text throws in
                try JSONValue.parse(text)
            }
        )
    }
}

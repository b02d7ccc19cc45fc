import HTTP
import JSON
import Postgres
import ShopCore

/// Where a person looks at sagas that do not move, and decides what becomes of them.
///
/// ```
/// GET  /sagas?older_ms=30000     orders on their way that have not moved for so long
/// GET  /sagas/{id}               one, with commands, history and what was decided by hand
/// POST /sagas/{id}/resolve       {"action": "retry" | "cancel" | "fail", "reason", "author"}
/// ```
/// `cancel` first voids the charge's key at payments, so that no delivery, however late, can still
/// charge; it is refused while the charge's outcome is unknown. Of an order that is captured it
/// first gives the stock back, so that no delivery can still sell it, and then the money. `fail`
/// ends the saga and leaves money and stock as they are, for the person who asked for it.
struct SagaDesk: Sendable {
    /// The most sagas in one answer.
    static let listMax = 200
    /// The longest stillness that can be asked for, in milliseconds; thirty years.
    static let olderMax: Int64 = 1_000_000_000_000

    let context: ServiceContext
    let delivery: Delivery
    let endings: Endings

    var routes: [Route] {
        [
            Route("GET", "/sagas") { request, _ in try await list(request) },
            Route("GET", "/sagas/:id") { _, parameters in try await show(parameters[0]) },
            Route("POST", "/sagas/:id/resolve") { request, parameters in
                try await resolve(request, parameters[0])
            },
        ]
    }

    private func list(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard let older = Int64(request.query("older_ms") ?? "0"),
            (0...Self.olderMax).contains(older)
        else {
            return .problem(400, "older_ms: send 0 to \(Self.olderMax) milliseconds.")
        }
        let rows = try await query(
            SagaStatements.list,
            [.int(older), .int(Int64(Self.listMax))]
        )
        return .document(["sagas": .array(try rows.map { try .object(summary($0)) })])
    }

    private func show(_ id: String) async throws -> HTTPResponse {
        guard UUIDText.isValid(id),
            let row = try await query(SagaStatements.show, [.string(id)]).first
        else { return unknown }
        var object = try summary(row)
        for name in ["history", "commands", "resolutions"] {
            object[name] = try row.stringOrNil(name).map { text throws in
                try JSONValue.parse(text)
            }
        }
        return .document(.object(object))
    }

    private func resolve(_ request: HTTPRequest, _ id: String) async throws -> HTTPResponse {
        guard UUIDText.isValid(id) else { return unknown }
        var fields = try FieldReader(body: request.body)
        let action = fields.text("action", limit: 10)
        let reason = fields.text("reason", limit: 500)
        let author = fields.text("author")
        try fields.finish()
        switch action {
        case "retry":
            return try await decide(
                SagaStatements.retry,
                [.string(id), .string(UUIDText.random()), .string(reason), .string(author)]
            )
        case "cancel":
            return try await cancel(
                id,
                [.string(id), .string(UUIDText.random()), .string(reason), .string(author)]
            )
        case "fail":
            let answer = try await decide(
                SagaStatements.fail,
                [.string(id), .string(reason), .string(author)]
            )
            if answer.status == 200 { endings.tell(id.lowercased()) }
            return answer
        default:
            return .problem(400, "action: send retry, cancel or fail.")
        }
    }

    private func cancel(
        _ id: String,
        _ parameters: [PostgresValue?]
    ) async throws -> HTTPResponse {
        guard let row = try await query(SagaStatements.show, [.string(id)]).first else {
            return unknown
        }
        switch OrderState(rawValue: try row.string("state")) {
        case .pending, .reserved:
            if let refusal = try await void(id, row) { return refusal }
            return try await decide(SagaStatements.cancel, parameters)
        case .captured:
            if let refusal = try await release(id, row) { return refusal }
            return try await decide(SagaStatements.refund, parameters)
        default:
            return notAllowed
        }
    }

    /// Makes sure that nothing was and nothing will be sold; the refusal when that is not so.
    private func release(_ id: String, _ row: PostgresRow) async throws -> HTTPResponse? {
        let hold = HoldRequest(
            order: id.lowercased(),
            sku: try row.string("sku"),
            quantity: try row.int("quantity")
        )
        switch await delivery.release(hold) {
        case .released: return nil
        case .sold: return .problem(409, "The goods are sold. Use retry to confirm the order.")
        case .unknown(let reason):
            return .unavailable("Inventory did not say whether the goods are sold: \(reason)")
        }
    }

    /// Makes sure that nothing was and nothing will be charged; the refusal when that is not so.
    private func void(_ id: String, _ row: PostgresRow) async throws -> HTTPResponse? {
        let charge = ChargeRequest(order: id, amountCents: try row.int("amount_cents"))
        switch await delivery.void(charge, key: ChargeIdentity.key(order: id)) {
        case .voided: return nil
        case .charged:
            return .problem(
                409,
                "The card was charged, or may have been. Use retry; an order that is captured "
                    + "can be cancelled, and its money is given back."
            )
        case .unknown(let reason):
            return .unavailable("Payments did not say whether the card was charged: \(reason)")
        }
    }

    private func decide(
        _ statement: String,
        _ parameters: [PostgresValue?]
    ) async throws -> HTTPResponse {
        guard let row = try await query(statement, parameters).first else {
            return notAllowed
        }
        return .document(["state": .string(try row.string("state"))])
    }

    private func query(_ sql: String, _ parameters: [PostgresValue?]) async throws -> PostgresRows {
        try await context.pool.query(
            context.commented(sql),
            parameters,
            timeout: ServiceContext.databasePatience
        )
    }

    private func summary(_ row: PostgresRow) throws -> JSONObject {
        var object: JSONObject = [
            "order": .string(try row.string("id")),
            "state": .string(try row.string("state")),
            "customer": .string(try row.string("customer")),
            "amount_cents": .integer(try row.int("amount_cents")),
            "still_ms": .integer(try row.int("still_ms")),
        ]
        object["reason"] = try row.stringOrNil("reason").map { .string($0) }
        object["command"] = try row.stringOrNil("command").map { .string($0) }
        object["attempts"] = try row.intOrNil("attempts").map { .integer($0) }
        return object
    }

    private var notAllowed: HTTPResponse {
        .problem(409, "The order's state does not allow this. Look at it again.")
    }
    private var unknown: HTTPResponse { .problem(404, "There is no such order.") }
}

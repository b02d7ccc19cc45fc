import HTTP
import JSON
import Postgres
package import ShopCore

// ShopInventory: holds stock for orders, sells it or gives it back; stock never goes below zero.
//
//   POST /reservations                  hold    ─▶ held, confirmed (200); released, no stock (409)
//   POST /reservations/{order}/confirm  sell    ─▶ confirmed (200); otherwise 409
//   POST /reservations/{order}/release  give up ─▶ released (200); confirmed (409)
//   GET  /reservations/{order}
//
// One order has one reservation, by a unique constraint; a message delivered twice is answered from
// the inbox. Each of them is one statement, so stock, reservation and inbox row change together or
// not.

/// The inventory service.
package final class InventoryService: ShopService {
    /// How often a statement that lost a race is run again.
    private static let triesMax = 3

    let context: ServiceContext
    let statements: ReservationStatements

    private init(_ context: ServiceContext) {
        self.context = context
        statements = ReservationStatements(context)
    }

    /// Starts the service on the current loop; throws when it cannot listen.
    package static func start(
        _ configuration: ShopServiceConfiguration
    ) async throws -> RunningService {
        try await RunningService.start(configuration) { InventoryService($0) }
    }

    package var routes: [Route] {
        [
            Route("POST", "/reservations") { [self] request, _ in try await hold(request) },
            Route("POST", "/reservations/:order/confirm") { [self] request, parameters in
                try await confirm(request, parameters[0])
            },
            Route("POST", "/reservations/:order/release") { [self] request, parameters in
                try await release(request, parameters[0])
            },
            Route("GET", "/reservations/:order") { [self] _, parameters in
                try await look(parameters[0])
            },
            StatementDesk(
                context,
                table: "reservations",
                members: "'state', t.state, 'sku', t.sku, 'quantity', t.quantity"
            ).route,
        ]
    }

    private func hold(_ request: HTTPRequest) async throws -> HTTPResponse {
        let hold = try HoldRequest(body: request.body)
        if let state = try await mutatedHold(hold, messageID: try messageID(request)) {
            return answer(hold.order, state, status: state == "held" ? 200 : 409)
        }
        let row = try await run(
            statements.reserve,
            [
                .string(try messageID(request)), .string(UUIDText.ordered()), .string(hold.order),
                .string(hold.sku), .int(hold.quantity), context.traceValue,
            ],
            locking: hold.sku
        )
        guard let row else { return contended }
        let replay = try row.stringOrNil("replay")
        let state = try replay ?? row.string("state")
        let isHeld = state == "held" || state == "confirmed"
        return answer(hold.order, state, status: isHeld ? 200 : 409)
    }

    private func confirm(_ request: HTTPRequest, _ order: String) async throws -> HTTPResponse {
        guard UUIDText.isValid(order) else { return unknown }
        let row = try await run(
            ReservationStatements.confirm,
            [.string(try messageID(request)), .string(order), context.traceValue]
        )
        guard let state = try row?.stringOrNil("state") else { return unknown }
        return answer(order, state, status: state == "confirmed" ? 200 : 409)
    }

    private func release(_ request: HTTPRequest, _ order: String) async throws -> HTTPResponse {
        let hold = try HoldRequest(body: request.body)
        guard hold.order == order.lowercased() else {
            return .problem(400, "order: the path names another order than the body.")
        }
        for _ in 0..<Self.triesMax {
            let row = try await run(
                statements.release,
                [
                    .string(try messageID(request)), .string(hold.order),
                    .string(UUIDText.ordered()), .string(hold.sku), .int(hold.quantity),
                    context.traceValue,
                ],
                locking: hold.sku
            )
            if let state = try row?.stringOrNil("state"), state != "held" {
                return answer(hold.order, state, status: state == "released" ? 200 : 409)
            }
        }
        return contended
    }

    private func look(_ order: String) async throws -> HTTPResponse {
        guard UUIDText.isValid(order) else { return unknown }
        let rows = try await context.pool.query(
            context.commented("SELECT state FROM reservations WHERE order_id = $1::uuid"),
            [.string(order)],
            timeout: ServiceContext.databasePatience
        )
        guard let state = try rows.first?.string("state") else { return unknown }
        return answer(order, state, status: 200)
    }

    /// Runs a statement of one row; again when an equal request was faster, `nil` when it always
    /// was.
    ///
    /// `sku` names the stock that the statement changes: statements that share a transaction run in
    /// the order of what they lock.
    private func run(
        _ statement: String,
        _ parameters: [PostgresValue?],
        locking sku: String = ""
    ) async throws -> PostgresRow? {
        for _ in 0..<Self.triesMax {
            do {
                return try await context.traced("UPDATE reservations") {
                    try await context.group.query(
                        statement,
                        parameters,
                        rank: sku,
                        timeout: ServiceContext.databasePatience
                    ).first
                }
            } catch let error as PostgresError where error.isUniqueViolation {
                continue
            }
        }
        return nil
    }

    private func messageID(_ request: HTTPRequest) throws(RequestError) -> String {
        guard let text = request.headers[ShopHeaders.messageID], ShopHeaders.isKey(text) else {
            throw RequestError(problems: ["\(ShopHeaders.messageID): missing. Name the message."])
        }
        return text
    }

    private func answer(_ order: String, _ state: String, status: Int) -> HTTPResponse {
        .document(["order": .string(order), "state": .string(state)], status: status)
    }

    private var unknown: HTTPResponse { .problem(404, "The order has no reservation.") }
    private var contended: HTTPResponse {
        .unavailable("The order's reservation is being changed. Send the same request again.")
    }
}

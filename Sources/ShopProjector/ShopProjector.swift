import EventLoop
import HTTP
import JSON
import Postgres
import ShopBroker
package import ShopCore
import ShopEvents
import Synchronization

// ShopProjector: the read model — what customers and the staff look at, computed from events only.
//
//   topics orders, inventory, payments ─▶ EventConsumer ─▶ order_views, order_moments,
//                                                          customer_totals, dashboard
//   GET /orders/{id}?min_version=4&wait=2s   one order with all that happened to it
//   GET /customers/{name}                    totals and the latest orders
//   GET /dashboard                           how often what happened, and how stale this is
//   GET /statement, POST /orders/{id}        for the reconciler: what is known, what should be
//
// A reader who wrote brings the version that the write answered: the answer waits until the model
// has it, or comes with "stale": true. Each answer says how old the model may be.

/// The projector.
package final class ProjectorService: ShopService {
    /// The longest that a reader may wait for a version.
    static let waitMax: Duration = .seconds(10)
    /// How long a reader waits who names a version and no time.
    static let waitUsual: Duration = .seconds(2)

    private let reader: ReadModel
    private let consumer: EventConsumer
    private let wakeups = Wakeups()
    private let freshness: Freshness
    private let statement: StatementDesk

    private init(_ context: ServiceContext) throws {
        reader = ReadModel(context)
        let freshness = Freshness()
        self.freshness = freshness
        statement = StatementDesk(
            context,
            table: "order_views",
            members: "'state', t.state, 'version', t.version"
        ) { Self.stamped($0, freshness) }
        consumer = EventConsumer(
            context,
            broker: try BrokerAddress.broker(at: context.configuration.broker),
            handler: ProjectionHandler()
        ) { [wakeups] count, isAll in
            if isAll { freshness.isCaughtUp(at: Loop.monotonicNanoseconds()) }
            guard count > 0 else { return }
            for name in wakeups.names { wakeups.wake(name) }
        }
    }

    /// Starts the service on the current loop; throws when it cannot listen.
    package static func start(
        _ configuration: ShopServiceConfiguration
    ) async throws -> RunningService {
        try await RunningService.start(configuration) { try ProjectorService($0) }
    }

    package var routes: [Route] {
        [
            Route("GET", "/orders/:id") { [self] request, parameters in
                try await order(request, parameters[0])
            },
            Route("GET", "/customers/:name") { [self] _, parameters in
                guard let document = try await reader.customer(parameters[0]) else {
                    return stamped(.problem(404, "The model knows no such customer."))
                }
                return stamped(.document(document))
            },
            Route("GET", "/dashboard") { [self] _, _ in
                var document = try await reader.dashboard()
                document["staleness_ms"] = staleness
                return stamped(.document(.object(document)))
            },
            Route("POST", "/orders/:id") { [self] request, parameters in
                try await rewrite(request, parameters[0])
            },
            statement.route,
        ] + consumer.deadLetterRoutes
    }

    package func begin() async { consumer.begin() }

    package func drain(grace: Duration) async {
        wakeups.close()
        await consumer.stop(grace: grace)
    }
}

extension ProjectorService {
    private func order(_ request: HTTPRequest, _ id: String) async throws -> HTTPResponse {
        guard UUIDText.isValid(id) else { return .problem(404, "There is no such order.") }
        let text = request.query("min_version") ?? request.headers[ShopHeaders.minVersion] ?? "0"
        guard let version = Int64(text), version >= 0 else {
            return .problem(400, "min_version: send the X-Version that a write answered.")
        }
        guard let wait = WaitTime.parse(request.query("wait")) else {
            return .problem(400, "wait: send a time such as 2s or 500ms, or leave it out.")
        }
        let patience = version == 0 ? wait : max(wait, Self.waitUsual)
        let end = Loop.monotonicNanoseconds() + min(patience, Self.waitMax).nanosecondsClamped
        while true {
            let found = try await wakeups.withTicket(for: id) { ticket in
                let found = try await reader.order(id)
                let rest = end - Loop.monotonicNanoseconds()
                guard (found?.version ?? 0) < version, rest > 0, !wakeups.isClosed else {
                    return Optional(found)
                }
                await ticket.wait(atMost: .nanoseconds(rest))
                return nil
            }
            guard let found else { continue }
            return answer(found, isStale: (found?.version ?? 0) < version)
        }
    }

    /// Takes an order's row as orders tell it; the reconciler sends it when the two differ.
    private func rewrite(_ request: HTTPRequest, _ id: String) async throws -> HTTPResponse {
        var fields = try FieldReader(body: request.body)
        let order = fields.uuid("order")
        _ = fields.choice("state", OrderState.allCases.map(\.rawValue))
        _ = fields.integer("version", in: 1...Int64(Int32.max))
        _ = (fields.text("customer"), fields.text("sku", limit: 64))
        _ = fields.integer("quantity", in: 1...1000)
        _ = fields.integer("amount_cents", in: 1...1_000_000_000)
        _ = (fields.text("placed_at"), fields.text("updated_at"))
        try fields.finish()
        guard order == id.lowercased() else {
            return .problem(400, "order: the path names another order than the body.")
        }
        do {
            guard try await reader.rewrite(try JSONValue.parse(request.body)) else {
                return .problem(409, "The model knows a later version of the order.")
            }
        } catch let error as PostgresError where error.isBadValue {
            return .problem(400, "Send times as RFC 3339 writes them, and a reason as text.")
        }
        wakeups.wake(id)
        return .document(["order": .string(order)])
    }

    private func answer(_ view: ReadModel.OrderView?, isStale: Bool) -> HTTPResponse {
        guard let view else {
            return stamped(.problem(404, "The model has no such order, or not yet."))
        }
        var document = view.document
        document["stale"] = .bool(isStale)
        document["staleness_ms"] = staleness
        var response = stamped(.document(.object(document)))
        response.headers[ShopHeaders.version] = String(view.version)
        return response
    }

    private var staleness: JSONValue {
        freshness.milliseconds(now: Loop.monotonicNanoseconds()).map { .integer($0) } ?? .null
    }

    /// With the model's age, so far as it is known.
    private func stamped(_ response: HTTPResponse) -> HTTPResponse {
        Self.stamped(response, freshness)
    }

    private static func stamped(_ response: HTTPResponse, _ freshness: Freshness) -> HTTPResponse {
        var response = response
        let age = freshness.milliseconds(now: Loop.monotonicNanoseconds())
        response.headers[ShopHeaders.staleness] = age.map { String($0) }
        return response
    }
}

import EventLoop
import HTTP
import JSON
package import ShopCore
import Telemetry

// ShopOrders: takes orders and carries each through its saga.
//
//   POST /orders ──one transaction──▶ orders + order_history + outbox ──202──▶ client
//                                                   │
//                        Relay ◀──take (in memory)──┘
//                          │ reserve ▶ inventory · charge ▶ payments · confirm|release ▶ inventory
//                          └──▶ advance: state, history, next command, sent mark in one transaction
//   GET  /sagas, /sagas/{id}; POST /sagas/{id}/resolve ── for people, see SagaDesk
//   GET /orders/{id}?wait=10s ── sleeps until the relay (or the slow look) says that it is over
//   GET /endings, /orders?ids= ── for gateways, whose customers wait there, see EndingsDesk

/// The orders service.
package final class OrdersService: ShopService {
    /// The longest that a client may wait for an order to end.
    static let waitMax: Duration = .seconds(30)
    /// How often orders that are waited for are looked up, in case another replica ended them.
    static let lookPeriod: Duration = .milliseconds(200)

    private let context: ServiceContext
    private let store: OrderStore
    private let endings = Endings()
    private let endingsDesk: EndingsDesk
    private let relay: Relay
    private let sagas: SagaDesk
    private let statement: StatementDesk

    private init(_ context: ServiceContext) {
        self.context = context
        store = OrderStore(context)
        let client = HTTPClient(maxConnectionsPerHost: 96, loop: context.loop)
        let delivery = Delivery(context: context, client: client)
        relay = Relay(context: context, store: store, delivery: delivery, endings: endings)
        sagas = SagaDesk(context: context, delivery: delivery, endings: endings)
        endingsDesk = EndingsDesk(store: store, endings: endings)
        statement = StatementDesk(
            context,
            table: "orders",
            order: "id",
            members: OutboxStatements.statementMembers
        )
    }

    /// Starts the service on the current loop; throws when it cannot listen.
    package static func start(
        _ configuration: ShopServiceConfiguration
    ) async throws -> RunningService {
        try await RunningService.start(configuration) { OrdersService($0) }
    }

    package var routes: [Route] {
        [
            Route("POST", "/orders") { [self] request, _ in try await place(request) },
            Route("GET", "/orders/:id") { [self] request, parameters in
                try await look(request, parameters[0])
            },
        ] + endingsDesk.routes + sagas.routes + [statement.route]
    }

    /// Those who wait in this process for an order by its number.
    var wakeups: Wakeups { endings.wakeups }

    package func begin() async {
        relay.begin()
        // Owned by this service: ends when the wake-ups are closed.
        _ = context.loop.spawn { [self] in await watch() }
    }

    package func drain(grace: Duration) async {
        endings.close()
        await relay.stop(grace: grace)
    }
}

// Placement.
extension OrdersService {
    private func place(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard let key = request.headers[ShopHeaders.idempotencyKey], ShopHeaders.isKey(key) else {
            return .problem(
                400,
                "\(ShopHeaders.idempotencyKey) is missing or no key. "
                    + "Send 1 to 200 visible ASCII characters, a new one for each order."
            )
        }
        let order = try OrderRequest(body: request.body)
        if let refusal = relay.refusal {
            return .unavailable(
                "More orders wait than can be carried out in time. Send the same request again.",
                retryAfterSeconds: Int(refusal.components.seconds)
            )
        }
        let patience = context.patience(of: request, atMost: ServiceContext.databasePatience)
        switch try await placement(of: order, key, patience) {
        case .placed(let command):
            relay.take(command)
            return accepted(command.orderID, OrderState.pending.rawValue)
        case .known(let orderID, let requestHash, let state):
            let stored = IdempotencyDecision.Record(requestHash: requestHash, isFinished: true)
            let decision = IdempotencyDecision(requestHash: order.hash, stored: stored)
            guard decision != .mismatch || context.has(.keyWithoutHash) else {
                return .problem(
                    422,
                    "\(ShopHeaders.idempotencyKey) was used for another order. Use a new one."
                )
            }
            return accepted(context.has(.unstoredResponse) ? UUIDText.random() : orderID, state)
        }
    }

    private func placement(
        of order: OrderRequest,
        _ key: String,
        _ patience: Duration
    ) async throws -> OrderStore.Placement {
        do {
            return try await store.place(order, key: key, patience: patience)
        } catch  where context.has(.acknowledgedUnwritten) {
            return .known(
                orderID: UUIDText.random(),
                requestHash: order.hash,
                state: OrderState.pending.rawValue
            )
        }
    }

    /// The version is that of the placement: a reader who names it sees at least the order.
    private func accepted(_ orderID: String, _ state: String) -> HTTPResponse {
        var response = HTTPResponse.document(
            [
                "order": .string(orderID), "state": .string(state),
                "status": .string("/orders/\(orderID)"),
            ],
            status: 202
        )
        response.headers[ShopHeaders.version] = "1"
        return response
    }
}

// Looking.
extension OrdersService {
    private func look(_ request: HTTPRequest, _ text: String) async throws -> HTTPResponse {
        let orderID = text.lowercased()
        guard UUIDText.isValid(orderID) else { return .problem(404, "There is no such order.") }
        guard let wait = WaitTime.parse(request.query("wait")) else {
            return .problem(400, "wait: send a time such as 10s or 500ms, or leave it out.")
        }
        return try await wakeups.withTicket(for: orderID) { ticket in
            guard var order = try await store.look(orderID) else {
                return .problem(404, "There is no such order.")
            }
            if !order.isOver, wait > .zero {
                await ticket.wait(atMost: min(wait, Self.waitMax))
                order = try await store.look(orderID) ?? order
            }
            return .order(order.document)
        }
    }

    /// Looks for orders that another replica ended; one statement for all that are waited for.
    private func watch() async {
        while !wakeups.isClosed {
            do {
                try await context.loop.sleep(for: Self.lookPeriod)
                let names = wakeups.names
                guard !names.isEmpty else { continue }
                for orderID in try await store.over(among: names) { wakeups.wake(orderID) }
            } catch {
                context.logger.debug("looking for ended orders failed: \(error)")
            }
        }
    }
}

import EventLoop
import HTTP
import JSON
package import ShopCore
import Synchronization
import Telemetry

// ShopGateway: the door of the shop.
//
//   client ──▶ key known, rate left? ──▶ bulkhead ──▶ breaker ──▶ orders, with a deadline
//               401 · 429                  503          503        503 when there is no answer
//
//   POST /orders            needs Idempotency-Key and a JSON body
//   GET  /orders/{id}?wait= customers wait here, see WaitingRoom; a few connections to orders tell
//        of all their orders
//   GET  /orders/{id}/history?min_version=, /customers/{name}, /dashboard go to the read model
//
// Every 503 carries Retry-After, and means: send the same request again, with the same key. The
// database holds the API's clients; it is read every few seconds and never by a request.

/// The gateway.
package final class GatewayService: ShopService {
    /// The most placements at once; further ones hear 503.
    static let placementsMax = 256
    /// The most long polls and reads at once; further ones hear 503.
    static let pollsMax = 12_000
    /// How long a placement may take.
    static let placementPatience: Duration = .seconds(4)
    /// The longest that a client may wait for an order to end.
    static let waitMax: Duration = .seconds(30)
    /// How long a look at an order may take, beside what the client waits.
    static let lookPatience: Duration = .seconds(10)
    /// How long a read may take: longer than the read model lets it wait for a version.
    static let readPatience: Duration = .seconds(15)

    private let context: ServiceContext
    private let clients: ClientRegister
    private let placements: Bulkhead
    private let polls: Bulkhead
    private let placementPeer: Peer
    private let room: WaitingRoom
    private let readers: [EndingsReader]
    /// The read model's instances, when there is one.
    private let readPeer: Peer?
    private let tasks = Mutex<[Task<Void, any Error>]>([])

    private init(_ context: ServiceContext) {
        self.context = context
        clients = ClientRegister(context)
        placements = context.bulkhead(limit: Self.placementsMax)
        polls = context.bulkhead(limit: Self.pollsMax)
        let breaker = context.breaker(threshold: 10, openFor: .milliseconds(250))
        func peer(_ role: ShopRole, connectionsMax: Int) -> Peer {
            let client = HTTPClient(maxConnectionsPerHost: connectionsMax, loop: context.loop)
            return context.peer(role, client: client, breaker: breaker)
        }
        placementPeer = peer(.orders, connectionsMax: 128)
        let looks = OrderLooks(context, orders: peer(.orders, connectionsMax: 64))
        let room = WaitingRoom(looks: looks, metrics: context.metrics)
        self.room = room
        // One connection for each feed.
        let client = HTTPClient(maxConnectionsPerHost: 2, loop: context.loop)
        readers = (context.configuration.peers[.orders] ?? []).map { url in
            EndingsReader(context: context, url: url, client: client, room: room, looks: looks)
        }
        readPeer =
            context.configuration.peers[.projector] == nil
            ? nil : peer(.projector, connectionsMax: 128)
    }

    /// Starts the service on the current loop; throws when it cannot listen.
    package static func start(
        _ configuration: ShopServiceConfiguration
    ) async throws -> RunningService {
        try await RunningService.start(configuration) { GatewayService($0) }
    }

    package var routes: [Route] {
        [
            Route("POST", "/orders") { [self] request, _ in await place(request) },
            Route("GET", "/orders/:id") { [self] request, parameters in
                await poll(request, parameters[0])
            },
        ] + readRoutes
    }

    package func begin() async {
        await clients.refreshOrWarn()
        // Owned by this service, cancelled by `drain`.
        var begun = [context.loop.spawn { [clients] in await clients.keepFresh() }]
        for reader in readers {
            begun.append(context.loop.spawn { await reader.run() })
        }
        tasks.withLock { $0 = begun }
    }

    package func drain(grace: Duration) async {
        room.close()
        for task in tasks.withLock({ $0 }) { task.cancel() }
    }
}

extension GatewayService {
    private func place(_ request: HTTPRequest) async -> HTTPResponse {
        guard let key = request.headers[ShopHeaders.idempotencyKey], ShopHeaders.isKey(key) else {
            return .problem(
                400,
                "\(ShopHeaders.idempotencyKey) is missing or no key. "
                    + "Send 1 to 200 visible ASCII characters, a new one for each order."
            )
        }
        do {
            _ = try OrderRequest(body: request.body)
        } catch {
            return .problem(400, error.description, problems: error.problems)
        }
        return await admitted(request, placements) {
            var headers: HTTPHeaders = ["Content-Type": "application/json"]
            headers[ShopHeaders.idempotencyKey] = key
            let response = await forwardPlacement(request, headers)
            guard response.status == 503, context.has(.gatewayNewKey) else { return response }
            headers[ShopHeaders.idempotencyKey] = UUIDText.random()
            return await forwardPlacement(request, headers)
        }
    }

    private func forwardPlacement(
        _ request: HTTPRequest,
        _ headers: HTTPHeaders
    ) async -> HTTPResponse {
        await forward(
            request,
            to: "/orders",
            headers: headers,
            through: placementPeer,
            patience: Self.placementPatience
        )
    }

    private func poll(_ request: HTTPRequest, _ text: String) async -> HTTPResponse {
        let orderID = text.lowercased()
        guard UUIDText.isValid(orderID) else { return .problem(404, "There is no such order.") }
        guard let wished = WaitTime.parse(request.query("wait")) else {
            return .problem(400, "wait: send a time such as 10s or 500ms, or leave it out.")
        }
        let wait = min(wished, Self.waitMax)
        let patience = context.patience(of: request, atMost: wait + Self.lookPatience)
        return await admitted(request, polls) {
            await room.answer(orderID, wait: min(wait, patience), patience: patience)
        }
    }

    /// What the read model answers.
    private var readRoutes: [Route] {
        func route(_ pattern: String, _ target: @escaping @Sendable (String) -> String) -> Route {
            Route("GET", pattern) { [self] request, parameters in
                let part = parameters.first ?? ""
                // What goes into another request's first line must not end or widen it.
                guard part.utf8.allSatisfy({ Self.isPlain($0) }) else {
                    return .problem(404, "There is nothing of this name.")
                }
                return await read(request, target(part))
            }
        }
        return [
            route("/orders/:id/history") { "/orders/\($0)" },
            route("/customers/:name") { "/customers/\($0)" },
            route("/dashboard") { _ in "/dashboard" },
        ]
    }

    private func read(_ request: HTTPRequest, _ path: String) async -> HTTPResponse {
        guard let readPeer else {
            return .problem(404, "This shop has no read model. Start it with its event side.")
        }
        var query: [String] = []
        for name in ["min_version", "wait"] {
            guard let value = request.query(name) else { continue }
            guard value.utf8.allSatisfy({ Self.isPlain($0) }) else {
                return .problem(400, "\(name): send digits, or a time such as 2s.")
            }
            query.append("\(name)=\(value)")
        }
        var headers: HTTPHeaders = [:]
        headers[ShopHeaders.minVersion] = request.headers[ShopHeaders.minVersion]
        return await admitted(request, polls) {
            await forward(
                request,
                to: path + (query.isEmpty ? "" : "?" + query.joined(separator: "&")),
                headers: headers,
                through: readPeer,
                patience: Self.readPatience
            )
        }
    }

    /// Letters, digits and what names are made of.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
        default: false
        }
    }

    /// Lets a request of a known client with some rate left into a bulkhead with some room left.
    private func admitted(
        _ request: HTTPRequest,
        _ bulkhead: Bulkhead,
        _ body: () async -> HTTPResponse
    ) async -> HTTPResponse {
        let apiKey = request.headers[ShopHeaders.apiKey]
        switch clients.admit(apiKey, now: Loop.monotonicNanoseconds()) {
        case .admitted: break
        case .unknown: return .problem(401, "\(ShopHeaders.apiKey) is not known here.")
        case .limited:
            var response = HTTPResponse.problem(429, "The client's rate is used up for now.")
            response.headers[ShopHeaders.retryAfter] = "1"
            return response
        }
        return await bulkhead.enter(body)
            ?? .unavailable("The shop is full. Send the same request again later.")
    }

    private func forward(
        _ request: HTTPRequest,
        to target: String,
        headers: HTTPHeaders,
        through peer: Peer,
        patience limit: Duration
    ) async -> HTTPResponse {
        let patience = context.patience(of: request, atMost: limit)
        var headers = headers
        headers[ShopHeaders.deadline] = String(patience.nanoseconds / 1_000_000)
        do throws(HTTPError) {
            let response = try await peer.request(
                request.method,
                target,
                headers: headers,
                body: request.body,
                timeout: patience,
                // What orders says of itself goes to the client, who comes again.
                isWorking: { _ in true }
            )
            guard let response else {
                return .unavailable(
                    "Orders do not answer at present. Send the same request again."
                )
            }
            return .passed(response)
        } catch {
            context.logger.debug("forwarding failed: \(error)")
            return .unavailable("Orders did not answer. Send the same request again.")
        }
    }
}

extension HTTPResponse {
    /// A service's answer, as the gateway passes it on.
    static func passed(_ response: HTTPResponse) -> HTTPResponse {
        var answer = HTTPResponse(status: response.status, body: response.body)
        for name in [
            "Content-Type", ShopHeaders.retryAfter, ShopHeaders.version, ShopHeaders.staleness,
        ] {
            answer.headers[name] = response.headers[name]
        }
        return answer
    }
}

import HTTP
import JSON
import ShopCore

/// Carries out what a rule allows, by the services' own APIs; each may be done twice.
struct Repairs: Sendable {
    private static let patience: Duration = .seconds(5)

    private let inventory: Peer
    private let payments: Peer
    private let projector: Peer?

    init(_ context: ServiceContext, client: HTTPClient) {
        inventory = context.peer(.inventory, client: client, breaker: context.breaker())
        payments = context.peer(.payments, client: client, breaker: context.breaker())
        projector =
            context.configuration.peers[.projector] == nil
            ? nil : context.peer(.projector, client: client, breaker: context.breaker())
    }

    /// What failed, in one sentence; `nil` when the service did it.
    func perform(_ rule: Finding.Rule, _ order: OrderFacts.Order, id: String) async -> String? {
        switch rule {
        case .askProcessor(let key): await post(payments, "/payments/\(key)/ask", .null, id: id)
        case .releaseHold: await settle("release", order, id)
        case .confirmHold: await settle("confirm", order, id)
        case .rewriteView:
            if let projector {
                await post(projector, "/orders/\(id)", order.row, id: id)
            } else {
                "there is no read model"
            }
        }
    }

    private func settle(_ verb: String, _ order: OrderFacts.Order, _ id: String) async -> String? {
        let request = HoldRequest(order: id, sku: order.sku, quantity: order.quantity)
        return await post(inventory, "/reservations/\(id)/\(verb)", request.json, id: id)
    }

    private func post(
        _ peer: Peer,
        _ path: String,
        _ body: JSONValue,
        id: String
    ) async -> String? {
        var headers: HTTPHeaders = ["Content-Type": "application/json"]
        // The saga's own message may have been answered before the difference came about.
        headers[ShopHeaders.messageID] = "reconciler/\(id)/\(UUIDText.random())"
        do {
            let response = try await peer.request(
                "POST",
                path,
                headers: headers,
                body: body.isNull ? [] : Array(body.serialized().utf8),
                timeout: Self.patience
            )
            guard let response else { return "\(peer.role) is given a pause" }
            guard response.status != 200 else { return nil }
            let answer = (try? JSONValue.parse(response.body))?["detail"]?.stringValue
            return answer ?? "\(peer.role) answered \(response.status)"
        } catch {
            return "\(error)"
        }
    }
}

import HTTP
import JSON
import ShopCore

// Giving back what was taken: the money, and, before a person cancels, the goods.
extension Delivery {
    /// Has payments give the order's money back; however often, it is given back once.
    func refund(_ command: OutboxCommand) async -> Outcome {
        if context.has(.refundForgotten) { return .event(.refunded) }
        let request = PaymentRefundRequest(
            payment: ChargeIdentity.key(order: command.orderID),
            amountCents: command.order.amountCents
        )
        return await post(
            payments,
            "/refunds",
            request.json,
            messageID: command.messageID,
            isRetry: command.isRetry
        ) { status, body in
            status == 200 && body["state"]?.stringValue == "refunded" ? .refunded : nil
        }
    }

    /// What became of an attempt to make a sale impossible.
    enum Releasing: Sendable, Equatable {
        /// Nothing is held for the order, and nothing will be.
        case released
        case sold
        case unknown(String)
    }

    /// Makes sure that an order's goods are never sold, unless they were already.
    func release(_ hold: HoldRequest) async -> Releasing {
        var headers: HTTPHeaders = ["Content-Type": "application/json"]
        headers[ShopHeaders.messageID] = "desk/\(hold.order)/\(UUIDText.random())"
        do throws(HTTPError) {
            let response = try await inventory.request(
                "POST",
                "/reservations/\(hold.order)/release",
                headers: headers,
                body: Array(hold.json.serialized().utf8),
                timeout: Self.patience
            )
            return switch response?.status {
            case 200: .released
            case 409: .sold
            case let status?: .unknown("status \(status)")
            case nil: .unknown("inventory is given a pause")
            }
        } catch {
            return .unknown("\(error)")
        }
    }
}

import HTTP
import JSON
import ShopCore
import Telemetry

/// Gives the money of a captured payment back, once, however often it is asked for.
///
/// ```
/// POST /refunds ─▶ tx 1: captured → refunding ─▶ processor, the charge's refund key
///                                              ─▶ tx 2: refunding → refunded, inbox
/// ```
/// 200 refunded · 404 no such payment · 409 nothing to give back · 422 another amount · 503
/// unknown: ask again. Every attempt goes under the same key, so that the processor's answer to
/// the last one is the answer to the first.
struct RefundDesk: Sendable {
    let context: ServiceContext
    let store: RefundStore
    let processor: ProcessorClient

    init(_ context: ServiceContext, _ processor: ProcessorClient) {
        self.context = context
        self.processor = processor
        store = RefundStore(context)
    }

    var route: Route {
        Route("POST", "/refunds") { request, _ in try await refund(request) }
    }

    private func refund(_ request: HTTPRequest) async throws -> HTTPResponse {
        let body = try PaymentRefundRequest(body: request.body)
        let messageID = request.headers[ShopHeaders.messageID] ?? "refund/\(UUIDText.random())"
        guard ShopHeaders.isKey(messageID) else {
            return .problem(400, "\(ShopHeaders.messageID): send 1 to 200 visible characters.")
        }
        guard let payment = try await store.intend(body, messageID: messageID) else {
            return .problem(404, "There is no payment of that key.")
        }
        if let replay = payment.replay { return answer(replay) }
        guard payment.amountCents == body.amountCents else {
            return .problem(
                422,
                "The payment is of \(payment.amountCents) cents: all of it is given back, or "
                    + "nothing."
            )
        }
        if payment.state == "refunded", let refund = payment.refund {
            return answer(response(payment, refund))
        }
        guard ["captured", "refunding"].contains(payment.state), let charge = payment.charge
        else {
            return .problem(
                409,
                "The payment is \(payment.state): there is nothing to give back."
            )
        }
        let answer = await processor.refund(
            RefundRequest(charge: charge, amountCents: payment.amountCents),
            isRetry: !payment.isFresh
        )
        return try await note(answer, payment, messageID: messageID)
    }

    /// Asks the processor what became of a refund under way, and notes it.
    func ask(_ key: String) async throws -> HTTPResponse {
        guard let payment = try await store.find(key), let charge = payment.charge else {
            return .problem(404, "There is no payment of that key.")
        }
        guard let answer = await processor.findRefund(of: charge) else {
            return .problem(
                409,
                "The processor knows no refund of this payment at present. Ask again later."
            )
        }
        let noted = try await note(answer, payment, messageID: "ask/\(UUIDText.random())")
        return noted.status == 200 ? .document(["state": "refunded"]) : noted
    }

    private func note(
        _ outcome: ProcessorClient.RefundAnswer,
        _ payment: RefundStore.Payment,
        messageID: String
    ) async throws -> HTTPResponse {
        switch outcome {
        case .refunded(let refund):
            let response = response(payment, refund)
            try await store.record(refund, response, key: payment.key, messageID: messageID)
            return answer(response)
        case .refused(let reason):
            return .problem(409, "The processor refuses the refund: \(reason)")
        case .unknown(let reason):
            context.logger.debug("a refund is uncertain: \(reason)", ["key": .string(payment.key)])
            return .unavailable(
                "Whether the money was given back is not known. Send the same request again.",
                retryAfterSeconds: 0
            )
        }
    }

    private func response(_ payment: RefundStore.Payment, _ refund: String) -> JSONValue {
        [
            "state": "refunded", "order": .string(payment.order), "refund_id": .string(refund),
        ]
    }

    /// Members are sorted: an answer read back from the database is the same to the byte.
    private func answer(_ response: JSONValue) -> HTTPResponse {
        .document(CanonicalRequest.canonical(response))
    }
}

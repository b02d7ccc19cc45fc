import HTTP
import JSON
import ShopCore
import Testing

// Money that is given back.
extension DocumentedCalls {
    func refunds() async throws {
        let charge = ChargeRequest(order: UUIDText.random(), amountCents: 500)
        let paid = try await call(
            DocumentedRequest(.payments, "POST", "/payments", key: "r-1", charge.json),
            200
        )
        try await call(
            DocumentedRequest(
                .payments,
                "POST",
                "/payments",
                key: "r-2",
                ChargeRequest(order: charge.order, amountCents: ChargeRequest.declinedAmountCents)
                    .json
            ),
            402
        )
        try await atPayments()
        try await atProcessor(try #require(paid["charge_id"]?.stringValue), charge.order)
    }

    private func atPayments() async throws {
        func back(_ payment: String, _ cents: Int64, _ message: String) -> DocumentedRequest {
            let refund = PaymentRefundRequest(payment: payment, amountCents: cents)
            return DocumentedRequest(.payments, "POST", "/refunds", message: message, refund.json)
        }
        let look = DocumentedRequest(.payments, "GET", "/payments/r-1")
        let ask = DocumentedRequest(.payments, "POST", "/payments/r-1/ask")
        try await call(back("r-1", 501, "back-1"), 422)
        try await call(back("nothing", 500, "back-2"), 404)
        try await call(back("r-2", ChargeRequest.declinedAmountCents, "back-3"), 409)
        try await shop.setLink("payments->processor", enabled: false)
        try await call(back("r-1", 500, "back-4"), 503)
        #expect(try await call(look, 200)["state"] == "refunding")
        try await shop.setLink("payments->processor", enabled: true)
        // Its breaker may be open for a moment; the refund never came to the processor.
        _ = try await call(ask) { response, _ in response.status == 409 }
        let first = try await call(back("r-1", 500, "back-4"), 200)
        // The same message, and another one.
        #expect(try await call(back("r-1", 500, "back-4"), 200) == first)
        #expect(try await call(back("r-1", 500, "back-5"), 200) == first)
        #expect(try await call(look, 200)["state"] == "refunded")
        #expect(try await call(ask, 200) == ["state": "refunded"])
    }

    private func atProcessor(_ refunded: String, _ order: String) async throws {
        func back(_ key: String, _ charge: String, _ cents: Int64) -> DocumentedRequest {
            let refund = RefundRequest(charge: charge, amountCents: cents)
            return DocumentedRequest(.processor, "POST", "/refunds", key: key, refund.json)
        }
        let charged = try await call(
            DocumentedRequest(
                .processor,
                "POST",
                "/charges",
                key: "r-3",
                ChargeRequest(order: order, amountCents: 300).json
            ),
            200
        )
        let charge = try #require(charged["id"]?.stringValue)
        let first = try await call(back("re-1", charge, 200), 200)
        #expect(try await call(back("re-1", charge, 200), 200) == first)
        try await call(back("re-1", charge, 100), 422)
        try await call(back("re-1", refunded, 200), 422)
        try await call(back("re-2", charge, 101), 409)
        try await call(back("re-2", charge, 100), 200)
        try await call(back("re-3", refunded, 1), 409)
        try await call(back("re-4", "ch_nothing", 1), 404)
        func look(_ query: String) -> DocumentedRequest {
            DocumentedRequest(.processor, "GET", "/refunds" + query)
        }
        #expect(try await call(look("?key=re-1"), 200) == first)
        try await call(look("?key=nothing"), 404)
        try await call(look(""), 400)
        let rows = try await call(
            DocumentedRequest(.processor, "GET", "/statement?orders=\(order)"),
            200
        )["rows"]?.arrayValue
        #expect(rows?.compactMap { $0["refunded_cents"]?.integerValue }.sorted() == [300, 500])
    }
}

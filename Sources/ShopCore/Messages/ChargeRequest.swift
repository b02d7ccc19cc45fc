package import JSON

/// Charge an order: the body of payments' `POST /payments` and of the processor's `POST /charges`.
package struct ChargeRequest: Sendable, Equatable {
    /// The amount that the processor's test card refuses, as real processors' sandboxes do.
    package static let declinedAmountCents: Int64 = 400_402

    /// The order's UUID.
    package var order: String
    /// 1…1,000,000,000 cents.
    package var amountCents: Int64

    package init(order: String, amountCents: Int64) {
        self.order = order
        self.amountCents = amountCents
    }

    /// Reads a body.
    ///
    /// - Throws: `RequestError` with every mistake.
    package init(body: [UInt8]) throws(RequestError) {
        var fields = try FieldReader(body: body)
        order = fields.uuid("order")
        amountCents = fields.integer("amount_cents", in: 1...1_000_000_000)
        try fields.finish()
    }

    package var json: JSONValue {
        ["order": .string(order), "amount_cents": .integer(amountCents)]
    }

    /// Equal for requests of equal meaning.
    package var hash: String { CanonicalRequest.hash(json) }
}

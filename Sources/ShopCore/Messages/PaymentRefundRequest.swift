package import JSON

/// Give an order's money back: the body of payments' `POST /refunds`.
package struct PaymentRefundRequest: Sendable, Equatable {
    /// The key under which the order was charged.
    package var payment: String
    /// The payment's amount, 1…1,000,000,000 cents: all of it is given back, or nothing.
    package var amountCents: Int64

    package init(payment: String, amountCents: Int64) {
        self.payment = payment
        self.amountCents = amountCents
    }

    /// Reads a body.
    ///
    /// - Throws: `RequestError` with every mistake.
    package init(body: [UInt8]) throws(RequestError) {
        var fields = try FieldReader(body: body)
        payment = fields.text("payment")
        amountCents = fields.integer("amount_cents", in: 1...1_000_000_000)
        try fields.finish()
    }

    package var json: JSONValue {
        ["payment": .string(payment), "amount_cents": .integer(amountCents)]
    }
}

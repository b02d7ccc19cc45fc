package import JSON

/// What a customer orders: the body of `POST /orders`.
package struct OrderRequest: Sendable, Equatable {
    package var customer: String
    package var sku: String
    /// 1…1,000 pieces.
    package var quantity: Int64
    /// 1…1,000,000,000 cents, for all pieces together.
    package var amountCents: Int64

    package init(customer: String, sku: String, quantity: Int64, amountCents: Int64) {
        self.customer = customer
        self.sku = sku
        self.quantity = quantity
        self.amountCents = amountCents
    }

    /// Reads a body.
    ///
    /// - Throws: `RequestError` with every mistake.
    package init(body: [UInt8]) throws(RequestError) {
        var fields = try FieldReader(body: body)
        customer = fields.text("customer")
        sku = fields.text("sku", limit: 64)
        quantity = fields.integer("quantity", in: 1...1000)
        amountCents = fields.integer("amount_cents", in: 1...1_000_000_000)
        try fields.finish()
    }

    package var json: JSONValue {
        [
            "customer": .string(customer), "sku": .string(sku), "quantity": .integer(quantity),
            "amount_cents": .integer(amountCents),
        ]
    }

    /// Equal for requests of equal meaning.
    package var hash: String { CanonicalRequest.hash(json) }
}

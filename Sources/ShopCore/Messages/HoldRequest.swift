package import JSON

/// Hold stock for an order: the body of inventory's `POST /reservations`.
package struct HoldRequest: Sendable, Equatable {
    /// The order's UUID.
    package var order: String
    package var sku: String
    /// 1…1,000 pieces.
    package var quantity: Int64

    package init(order: String, sku: String, quantity: Int64) {
        self.order = order
        self.sku = sku
        self.quantity = quantity
    }

    /// Reads a body.
    ///
    /// - Throws: `RequestError` with every mistake.
    package init(body: [UInt8]) throws(RequestError) {
        var fields = try FieldReader(body: body)
        order = fields.uuid("order")
        sku = fields.text("sku", limit: 64)
        quantity = fields.integer("quantity", in: 1...1000)
        try fields.finish()
    }

    package var json: JSONValue {
        ["order": .string(order), "sku": .string(sku), "quantity": .integer(quantity)]
    }
}

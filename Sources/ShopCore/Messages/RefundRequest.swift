package import JSON

/// Give a charge's money back: the body of the processor's `POST /refunds`.
package struct RefundRequest: Sendable, Equatable {
    /// The charge's name at the processor.
    package var charge: String
    /// 1…1,000,000,000 cents.
    package var amountCents: Int64

    package init(charge: String, amountCents: Int64) {
        self.charge = charge
        self.amountCents = amountCents
    }

    /// Reads a body.
    ///
    /// - Throws: `RequestError` with every mistake.
    package init(body: [UInt8]) throws(RequestError) {
        var fields = try FieldReader(body: body)
        charge = fields.text("charge")
        amountCents = fields.integer("amount_cents", in: 1...1_000_000_000)
        try fields.finish()
    }

    package var json: JSONValue {
        ["charge": .string(charge), "amount_cents": .integer(amountCents)]
    }
}

import ChaosModel

/// What one client of the shop is up to: drawn from the seed, the same at every call.
struct CheckoutIntent: Sendable {
    /// The amount that the shop's processor declines, as sandboxes of real ones do.
    static let declinedAmountCents = 400_402
    /// The article of which the shop has a few pieces only.
    static let rareArticle = "sku-rare"

    /// The order that it sends, and the one that it sends under the same key if it is altered.
    private(set) var body: [UInt8]
    private(set) var otherBody: [UInt8] = []
    private(set) var isDoubled = false
    private(set) var isRepeated = false
    private(set) var isAltered = false
    private(set) var isReading = false

    init(of arrival: Arrival, _ mix: LoadProfile.Mix) {
        var random = arrival.random
        var order = CheckoutOrder(&random)
        body = order.body
        guard mix != LoadProfile.Mix() else { return }
        func isOne(of share: Double) -> Bool { Double.random(in: 0..<1, using: &random) < share }
        if isOne(of: mix.declined) { order.amountCents = Self.declinedAmountCents }
        if isOne(of: mix.rare) { order.article = Self.rareArticle }
        isDoubled = isOne(of: mix.doubled)
        isRepeated = isOne(of: mix.repeated)
        isAltered = isOne(of: mix.altered)
        isReading = isOne(of: mix.reading)
        body = order.body
        order.quantity += 1
        otherBody = order.body
    }

    /// What it sends under the same key when all is over.
    var afterwards: [(operation: String, body: [UInt8])] {
        (isRepeated ? [("repeat", body)] : []) + (isAltered ? [("altered", otherBody)] : [])
    }

    /// The operations beside placement and checkout.
    var extras: [String] {
        (isDoubled ? ["duplicate"] : []) + afterwards.map(\.operation) + (isReading ? ["read"] : [])
    }
}

/// An order: who, what, how many, how much.
struct CheckoutOrder: Sendable {
    var customer: Int
    var article: String
    var quantity: Int
    var amountCents: Int

    init(_ random: inout Xoshiro256) {
        customer = Int.random(in: 1...1000, using: &random)
        let sku = Int.random(in: 1...20, using: &random)
        article = "sku-\(sku < 10 ? "0" : "")\(sku)"
        quantity = Int.random(in: 1...3, using: &random)
        amountCents = Int.random(in: 100...50_000, using: &random)
    }

    var body: [UInt8] {
        let text = """
            {"customer":"customer-\(customer)","sku":"\(article)",\
            "quantity":\(quantity),"amount_cents":\(amountCents)}
            """
        return Array(text.utf8)
    }
}

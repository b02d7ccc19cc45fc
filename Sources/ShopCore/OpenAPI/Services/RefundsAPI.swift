// Giving money back, at payments and at the processor.
extension ShopAPI {
    static let refundPayment = APIOperation(
        "POST",
        "/refunds",
        "refundPayment",
        "Give the money of a captured payment back, once",
        details: """
            503 means that nobody knows yet whether the money was given back: the same request \
            finds out.
            """,
        parameters: [
            .header(
                ShopHeaders.messageID,
                .text("Names the message.", pattern: "^[!-~]{1,200}$")
            )
        ],
        body: .named("PaymentRefundRequest"),
        [
            .json(200, "The money was given back.", .named("PaymentRefund")),
            .shared(400, "BadRequest"), .problem(404, "There is no payment of that key."),
            .problem(409, "There is nothing to give back, or the processor refuses."),
            .problem(422, "The payment is of another amount."), .shared(500, "Fault"),
            .shared(503, "Unavailable"),
        ]
    )

    static let refunds: [APIOperation] = [
        APIOperation(
            "POST",
            "/refunds",
            "refund",
            "Give money of a charge back, once for each key",
            parameters: [.shared("IdempotencyKey")],
            body: .named("RefundRequest"),
            [
                .json(200, "The key's refund.", .named("Refund")), .shared(400, "BadRequest"),
                .problem(404, "There is no such charge."),
                .problem(409, "The charge's refunds would be more than it."),
                reused("refund"), .shared(500, "Fault"), .shared(503, "Unavailable"),
            ]
        ),
        APIOperation(
            "GET",
            "/refunds",
            "findRefund",
            "Tell what became of a key",
            parameters: [
                .query(
                    "key",
                    .text("The idempotency key.", pattern: "^[!-~]{1,200}$"),
                    isRequired: true
                )
            ],
            [
                .json(200, "The key's refund.", .named("Refund")), .shared(400, "BadRequest"),
                .problem(404, "Nothing was given back under the key, so far."),
                .shared(500, "Fault"), .shared(503, "Unavailable"),
            ]
        ),
    ]
}

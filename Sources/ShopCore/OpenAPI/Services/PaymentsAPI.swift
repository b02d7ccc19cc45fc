extension ShopAPI {
    static let payments: [APIOperation] =
        money + books + [refundPayment, statement(of: "PaymentRow")]

    static let processor: [APIOperation] = charges + refunds + [statement(of: "ChargeRow")]

    private static let charges: [APIOperation] = [
        APIOperation(
            "POST",
            "/charges",
            "charge",
            "Charge the card, once for each key",
            parameters: [.shared("IdempotencyKey")],
            body: .named("ChargeRequest"),
            [
                .json(200, "The key's charge.", .named("Charge")),
                .json(402, "The card was refused.", .named("DeclinedCharge")),
                .shared(400, "BadRequest"), reused("charge"), .shared(500, "Fault"),
                .shared(503, "Unavailable"),
            ]
        ),
        APIOperation(
            "GET",
            "/charges",
            "findCharge",
            "Tell what became of a key",
            parameters: [
                .query(
                    "key",
                    .text("The idempotency key.", pattern: "^[!-~]{1,200}$"),
                    isRequired: true
                )
            ],
            [
                .json(200, "The key's charge.", .named("Charge")), .shared(400, "BadRequest"),
                .problem(404, "Nothing was charged under the key, so far."),
                .shared(500, "Fault"), .shared(503, "Unavailable"),
            ]
        ),
    ]

    private static let key = APIParameter.path(
        "key",
        .text("The idempotency key.", pattern: "^[!-~]{1,200}$")
    )
    private static let noPayment = APIAnswer.problem(404, "There is no payment of that key.")
    private static let optionalMessage = APIParameter.header(
        ShopHeaders.messageID,
        .text("Names the message; the key without it.", pattern: "^[!-~]{1,200}$")
    )

    private static let money: [APIOperation] = [
        APIOperation(
            "POST",
            "/payments",
            "pay",
            "Charge an order, once for each key",
            details: """
                503 means that nobody knows yet whether the card was charged: the same request, \
                with the same key, finds out.
                """,
            parameters: [.shared("IdempotencyKey"), optionalMessage],
            body: .named("ChargeRequest"),
            [
                .json(200, "The card was charged.", .named("CapturedPayment")),
                .json(402, "The card was not charged.", .named("FailedPayment")),
                .shared(400, "BadRequest"), reused("payment"), .shared(500, "Fault"),
                .shared(503, "Unavailable"),
            ]
        ),
        APIOperation(
            "GET",
            "/payments/:key",
            "getPayment",
            "Tell what became of a key",
            parameters: [key],
            [
                .json(
                    200,
                    "The payment.",
                    .either([
                        .named("CapturedPayment"), .named("FailedPayment"),
                        .named("PendingPayment"), .named("RefundedPayment"),
                    ])
                ),
                noPayment, .shared(500, "Fault"), .shared(503, "Unavailable"),
            ]
        ),
        APIOperation(
            "POST",
            "/payments/:key/void",
            "voidPayment",
            "Take a key out of use that was not used yet",
            parameters: [key],
            body: .named("ChargeRequest"),
            [
                .json(
                    200,
                    "Nothing was and nothing will be charged under it.",
                    .named("PaymentState")
                ),
                .json(409, "It was charged, or may have been.", .named("PaymentState")),
                .shared(400, "BadRequest"), .problem(404, "That can be no key."),
                .shared(500, "Fault"), .shared(503, "Unavailable"),
            ]
        ),
        APIOperation(
            "POST",
            "/payments/:key/ask",
            "askProcessor",
            "Ask the processor what became of a pending payment or refund, and note it",
            parameters: [key],
            [
                .json(200, "What is known now.", .named("PaymentState")), noPayment,
                .problem(
                    409,
                    "The processor knows no charge or refund of the key, so far, or another one."
                ),
                .shared(500, "Fault"), .shared(503, "Unavailable"),
            ]
        ),
    ]

    private static let books: [APIOperation] = [
        APIOperation(
            "GET",
            "/ledger",
            "getBooks",
            "Show each account's balance, and whether it is the sum of its entries",
            [
                .json(200, "The accounts.", .named("Books")), .shared(500, "Fault"),
                .shared(503, "Unavailable"),
            ]
        ),
        APIOperation(
            "POST",
            "/ledger/rebuild",
            "rebuildBooks",
            "Compute all balances anew from the entries",
            [
                .json(200, "The accounts afterwards.", .named("RebuiltBooks")),
                .shared(500, "Fault"), .shared(503, "Unavailable"),
            ]
        ),
    ]
}

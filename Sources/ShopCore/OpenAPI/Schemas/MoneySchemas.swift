// What payments and the processor take and tell.
extension APIComponents {
    private static let key: APISchema = .text("The idempotency key.")
    private static let chargeID: APISchema = .text("The charge's name at the processor.")
    private static let refundID: APISchema = .text("The refund's name at the processor.")
    private static let states = ["captured", "failed", "pending", "refunding", "refunded"]
    private static let paymentState: APISchema = .choice(
        "`pending`, `refunding`: whether the card was charged, or the money given back, is not "
            + "known yet.",
        states
    )

    static let moneySchemas = paymentSchemas + refundSchemas

    private static let refundSchemas: [(name: String, schema: APISchema)] = [
        (
            "PaymentRefundRequest",
            .object(
                "A payment whose money is to be given back.",
                [
                    APIField("payment", .text("The payment's idempotency key.", 1...200)),
                    APIField("amount_cents", cents),
                ]
            )
        ),
        (
            "PaymentRefund",
            .object(
                "The money was given back.",
                [
                    APIField("state", .choice("Always so.", ["refunded"])),
                    APIField("order", order), APIField("refund_id", refundID),
                ]
            )
        ),
        (
            "RefundedPayment",
            .object(
                "The card was charged, and its money is given back.",
                [
                    APIField(
                        "state",
                        .choice(
                            "`refunding`: whether it was given back is not known yet.",
                            ["refunding", "refunded"]
                        )
                    ),
                    APIField("order", order), APIField("charge_id", chargeID),
                ]
            )
        ),
        (
            "RefundRequest",
            .object(
                "Money of a charge that is to be given back.",
                [
                    APIField("charge", .text("The charge's name.", 1...200)),
                    APIField("amount_cents", cents),
                ]
            )
        ),
        (
            "Refund",
            .object(
                "A refund.",
                [
                    APIField("id", refundID),
                    APIField("state", .choice("Always so.", ["refunded"])),
                    APIField("charge", chargeID), APIField("order", order),
                    APIField("amount_cents", cents),
                ]
            )
        ),
    ]

    private static let paymentSchemas: [(name: String, schema: APISchema)] = [
        (
            "ChargeRequest",
            .object(
                "Money for an order. The processor's test card refuses \(declined) cents.",
                [APIField("order", order), APIField("amount_cents", cents)]
            )
        ),
        (
            "CapturedPayment",
            .object(
                "The card was charged.",
                [
                    APIField("state", .choice("Always so.", ["captured"])),
                    APIField("order", order), APIField("charge_id", chargeID),
                ]
            )
        ),
        (
            "FailedPayment",
            .object(
                "The card was not charged, and is not under this key.",
                [
                    APIField("state", .choice("Always so.", ["failed"])),
                    APIField("order", order), APIField("reason", .text("Why.")),
                ]
            )
        ),
        (
            "PendingPayment",
            .object(
                "Whether the card was charged is not known yet.",
                [APIField("state", .choice("Always so.", ["pending"]))]
            )
        ),
        ("PaymentState", .object("Where the payment is.", [APIField("state", paymentState)])),
        (
            "PaymentRow",
            .object(
                "What payments know of an order's payment.",
                [
                    APIField("order", order), APIField("key", key),
                    APIField("state", paymentState), APIField("amount_cents", cents),
                ]
            )
        ),
        ("Books", .object("The accounts with their balances.", bookFields)),
        (
            "RebuiltBooks",
            .object(
                "The accounts after their balances were computed anew.",
                bookFields + [
                    APIField("were_right", .boolean("Whether all balances were right before."))
                ]
            )
        ),
        (
            "Charge",
            .object(
                "A charge.",
                [
                    APIField("id", chargeID),
                    APIField("state", .choice("Always so.", ["captured"])),
                    APIField("order", order), APIField("amount_cents", cents),
                ]
            )
        ),
        (
            "DeclinedCharge",
            .object(
                "The card was refused; nothing was charged.",
                [
                    APIField("state", .choice("Always so.", ["failed"])),
                    APIField("order", order), APIField("reason", .text("Why.")),
                ]
            )
        ),
        (
            "ChargeRow",
            .object(
                "What the processor knows of an order's charge.",
                [
                    APIField("order", order), APIField("key", key),
                    APIField("amount_cents", cents),
                    APIField("refunded_cents", .integer("Cents of it that were given back.")),
                ]
            )
        ),
    ]

    private static let declined = ChargeRequest.declinedAmountCents

    private static let bookFields: [APIField] = [
        APIField(
            "accounts",
            .list(
                "In the order of their names.",
                of: .object(
                    "An account.",
                    [
                        APIField("account", .text("Its name: customers, held, sales.")),
                        APIField("debits_cents", .integer("All debits, in cents.")),
                        APIField("credits_cents", .integer("All credits, in cents.")),
                        APIField(
                            "balance_cents",
                            .integer("Debits less credits, in cents.", Int64.min...Int64.max)
                        ),
                        APIField("is_right", .boolean("Whether the entries say the same.")),
                    ]
                )
            )
        ),
        APIField("are_right", .boolean("Whether all accounts are right.")),
        APIField("entries", .integer("How many entries there are.")),
        APIField("pending", .integer("How many of them the balances lack still.")),
    ]
}

// What orders and the gateway take and tell.
extension APIComponents {
    static let order: APISchema = .uuid("The order's number; it begins with the time.")
    static let orderState: APISchema = .choice(
        "Where the order is; confirmed, cancelled and failed are final.",
        OrderState.allCases.map(\.rawValue)
    )
    static let customer: APISchema = .text("Who orders; at most 200 bytes.", 1...200)
    static let sku: APISchema = .text("What is ordered; at most 64 bytes.", 1...64)
    static let quantity: APISchema = .integer("Pieces.", 1...1000)
    static let cents: APISchema = .integer("Cents for all pieces together.", 1...1_000_000_000)
    static let reason: APISchema = .text("Why it was cancelled or given up.")

    static let orderSchemas: [(name: String, schema: APISchema)] = [
        (
            "OrderRequest",
            .object(
                "What a customer orders.",
                [
                    APIField("customer", customer), APIField("sku", sku),
                    APIField("quantity", quantity), APIField("amount_cents", cents),
                ]
            )
        ),
        (
            "PlacedOrder",
            .object(
                "An order that is written down and will come to its end.",
                [
                    APIField("order", order), APIField("state", orderState),
                    APIField("status", .text("The path at which it can be looked at.")),
                ]
            )
        ),
        (
            "Order",
            .object(
                "An order as customers see it.",
                [
                    APIField("order", order), APIField("state", orderState),
                    APIField("reason", reason, isOptional: true), APIField("history", history),
                ]
            )
        ),
        (
            "Orders",
            .object(
                "Those of the orders that there are, in no order.",
                [APIField("orders", .list("Each once.", of: .named("Order"), 0...200))]
            )
        ),
        (
            "EndingsPage",
            .object(
                "A page of an instance's feed of orders that came to their end.",
                [
                    APIField("feed", .uuid("The feed; another one at each start of the process.")),
                    APIField("next", .integer("The number of the first ending after this page.")),
                    APIField(
                        "missed",
                        .boolean("Whether endings may have come that this reader was not told.")
                    ),
                    APIField(
                        "orders",
                        .list("As `GET /orders/{id}` has them.", of: .named("Order"), 0...500)
                    ),
                ]
            )
        ),
        ("Saga", .object("An order on its way, for people.", sagaFields)),
        (
            "Sagas",
            .object(
                "The stillest first.",
                [
                    APIField("sagas", .list("At most 200.", of: .named("Saga"), 0...200))
                ]
            )
        ),
        ("SagaStory", .object("An order with all that was done for it.", sagaFields + storyFields)),
        (
            "SagaDecision",
            .object(
                "What a person decides about an order that does not move.",
                [
                    APIField(
                        "action",
                        .choice(
                            "`retry` sends the command that the order waits for again; `cancel` "
                                + "compensates, and gives the money of a captured order back; "
                                + "`fail` ends the saga as it is, for a person to settle.",
                            ["retry", "cancel", "fail"]
                        )
                    ),
                    APIField("reason", .text("Why; kept with the order.", 1...500)),
                    APIField("author", .text("Who decides.", 1...200)),
                ]
            )
        ),
        ("OrderStateOnly", .object("Where the order is now.", [APIField("state", orderState)])),
        (
            "OrderRow",
            .object(
                "What orders know of an order.",
                rowFields + [
                    APIField("reason", reason.orNull),
                    APIField("still_ms", .integer("Milliseconds since `updated_at`.")),
                ]
            )
        ),
        (
            "ViewRequest",
            .object(
                "A row of orders' statement.",
                rowFields + [
                    APIField("reason", reason.orNull, isOptional: true),
                    APIField("still_ms", .integer("Ignored."), isOptional: true),
                ]
            )
        ),
    ]

    private static let rowFields: [APIField] = [
        APIField("order", order), APIField("state", orderState),
        APIField("version", .integer("How many states it has had.", 1...Int64(Int32.max))),
        APIField("customer", customer), APIField("sku", sku), APIField("quantity", quantity),
        APIField("amount_cents", cents), APIField("placed_at", .time("When it was placed.")),
        APIField("updated_at", .time("When it came to its state.")),
    ]

    private static let history: APISchema = .list(
        "The states that it has had, the first one first.",
        of: .object(
            "A state with its time.",
            [APIField("state", orderState), APIField("at", .time("When it came to it."))]
        )
    )

    private static let command: APISchema = .choice(
        "What orders tell another service to do.",
        SagaCommand.allCases.map(\.rawValue)
    )
    private static let attempts: APISchema = .integer("How often the command was sent.")

    private static let sagaFields: [APIField] = [
        APIField("order", order), APIField("state", orderState), APIField("customer", customer),
        APIField("amount_cents", cents),
        APIField("still_ms", .integer("Milliseconds since it last moved.")),
        APIField("reason", reason, isOptional: true),
        APIField("command", command, isOptional: true),
        APIField("attempts", attempts, isOptional: true),
    ]

    private static let storyFields: [APIField] = [
        APIField("history", history, isOptional: true),
        APIField(
            "commands",
            .list(
                "The first one first.",
                of: .object(
                    "A command.",
                    [
                        APIField("type", command), APIField("attempts", attempts),
                        APIField("sent", .boolean("Whether it needs no further delivery.")),
                    ]
                )
            ),
            isOptional: true
        ),
        APIField(
            "resolutions",
            .list(
                "What people decided.",
                of: .object(
                    "A decision.",
                    [
                        APIField("action", .choice("What.", ["retry", "cancel", "fail"])),
                        APIField("reason", .text("Why.")), APIField("author", .text("Who.")),
                        APIField("at", .time("When.")),
                    ]
                )
            ),
            isOptional: true
        ),
    ]
}

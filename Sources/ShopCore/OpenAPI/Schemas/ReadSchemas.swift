// What the read model, the consumers and the reconciler tell.
extension APIComponents {
    private static let staleness: APISchema =
        .integer("How many milliseconds old the read model may be; null until it is known.").orNull
    private static let version: APISchema = .integer("How many states it has had.", 1...Int64.max)

    static let readSchemas: [(name: String, schema: APISchema)] = [
        ("OrderView", .object("An order as the read model has it.", viewFields)),
        ("CustomerView", .object("A customer's totals and latest orders.", customerFields)),
        (
            "Dashboard",
            .object(
                "How often what happened.",
                [
                    APIField(
                        "events",
                        .map(
                            "By type of event.",
                            of: .object(
                                "Events of a type.",
                                [
                                    APIField("count", .integer("How many.")),
                                    APIField("amount_cents", .integer("Their cents together.")),
                                ]
                            )
                        )
                    ),
                    APIField("staleness_ms", staleness),
                ]
            )
        ),
        (
            "ViewRow",
            .object(
                "What the read model knows of an order.",
                [
                    APIField("order", order), APIField("state", orderState),
                    APIField("version", version),
                ]
            )
        ),
        ("RewrittenView", .object("The view was written.", [APIField("order", order)])),
        ("DeadLetter", .object("An event that could not be handled.", letterFields)),
        (
            "DeadLetters",
            .object(
                "The newest first.",
                [
                    APIField(
                        "dead_letters",
                        .list("At most 200.", of: .named("DeadLetter"), 0...200)
                    )
                ]
            )
        ),
        (
            "ReplayedLetter",
            .object(
                "The event was handled.",
                [APIField("state", .choice("Always so.", ["replayed"]))]
            )
        ),
        ("Conflict", .object("What services tell differently of an order.", conflictFields)),
        (
            "Conflicts",
            .object(
                "The open ones first.",
                [
                    APIField("conflicts", .list("At most 500.", of: .named("Conflict"), 0...500)),
                    APIField(
                        "looked_at_until",
                        .uuid("The last order that was looked at once; the time of it is in it.")
                    ),
                ]
            )
        ),
    ]

    private static let viewFields: [APIField] = [
        APIField("order", order), APIField("state", orderState), APIField("version", version),
        APIField("customer", customer), APIField("sku", sku), APIField("quantity", quantity),
        APIField("amount_cents", cents), APIField("reason", reason.orNull),
        APIField("placed_at", .time("When it was placed, as far as the model knows.")),
        APIField("updated_at", .time("When it came to its state.")),
        APIField(
            "moments",
            .list(
                "All that happened, also at inventory and payments, the first one first; null when "
                    + "the model had no event of it.",
                of: .object(
                    "An event.",
                    [
                        APIField("type", .text("Such as `order-placed` or `stock-held`.")),
                        APIField("at", .time("When it happened.")),
                    ]
                )
            ).orNull
        ),
        APIField("stale", .boolean("Whether the version that was asked for is not there yet.")),
        APIField("staleness_ms", staleness),
    ]

    private static let customerFields: [APIField] = [
        APIField("customer", customer),
        APIField("placed", .integer("Orders placed.")),
        APIField("confirmed", .integer("Orders confirmed.")),
        APIField("cancelled", .integer("Orders cancelled.")),
        APIField("spent_cents", .integer("Cents of the confirmed orders.")),
        APIField(
            "orders",
            .list(
                "The latest ones, the newest first.",
                of: .object(
                    "An order.",
                    [
                        APIField("order", order), APIField("state", orderState),
                        APIField("amount_cents", cents),
                        APIField("placed_at", .time("When it was placed.")),
                    ]
                ),
                0...50
            )
        ),
    ]

    private static let letterFields: [APIField] = [
        APIField("id", .integer("Its number.", 1...Int64.max)),
        APIField("event", .uuid("The message's number.")),
        APIField("topic", .text("The topic it came by.")),
        APIField("partition", .integer("The topic's partition.")),
        APIField("offset", .integer("Its place in the partition.")),
        APIField("key", .text("What it is about: the order.")),
        APIField("type", .text("Such as `order-placed`.")),
        APIField("version", .integer("The version of its form.", 1...Int64.max)),
        APIField("payload", .text("What it says, as text: it may be no JSON.")),
        APIField("tries", .integer("How often it was tried.")),
        APIField("reason", .text("Why it could not be handled.")),
        APIField("parked_at", .time("When it was put aside.")),
        APIField("replayed", .boolean("Whether it was handled after all.")),
    ]

    private static let conflictFields: [APIField] = [
        APIField("order", order),
        APIField("kind", .choice("What differs; docs/shop.md tells each.", conflictKinds)),
        APIField(
            "state",
            .choice(
                "`repaired` by a rule, or `gone` by itself.",
                ["open", "repaired", "gone"]
            )
        ),
        APIField("detail", .text("One sentence for a person.")),
        APIField("since", .time("When it was seen first.")),
        APIField("repairs", .integer("How often its rule was carried out.")),
        APIField("rule", .choice("What may be done without a person.", rules), isOptional: true),
        APIField("failure", .text("Why the last repair failed."), isOptional: true),
        APIField("closed", .time("When it was seen no more."), isOptional: true),
    ]

    /// The reconciler's; a test compares them.
    private static let conflictKinds = [
        "outcome-unknown", "not-charged", "charged-though-ended", "charged-twice",
        "amounts-differ", "capture-without-charge", "charge-not-booked", "refund-differs",
        "hold-left", "sale-unfinished", "stock-missing", "stock-differs", "model-differs",
        "order-missing", "order-stuck",
    ]
    private static let rules = ["ask-processor", "release-hold", "confirm-hold", "rewrite-view"]
}

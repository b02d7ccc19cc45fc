extension ShopAPI {
    static let orders: [APIOperation] = customers + desk + [statement(of: "OrderRow")]

    private static let customers: [APIOperation] = [
        APIOperation(
            "POST",
            "/orders",
            "placeOrder",
            "Place an order",
            details: """
                One transaction: the order, its history and its first command. A key counts for 24 \
                hours, and at least until its order is over.
                """,
            parameters: [.shared("IdempotencyKey"), .shared("Deadline")],
            body: .named("OrderRequest"),
            [
                .json(202, "It will come to its end.", .named("PlacedOrder"), headers: [.version]),
                .shared(400, "BadRequest"), reused("order"), .shared(500, "Fault"),
                .shared(503, "Unavailable"),
            ]
        ),
        APIOperation(
            "GET",
            "/orders/:id",
            "getOrder",
            "Look at an order, or wait for its end",
            parameters: [.path("id", APIComponents.order), .shared("Wait")],
            [
                .json(200, "The order.", .named("Order"), headers: [.version]),
                .shared(400, "BadRequest"), .problem(404, "There is no such order."),
                .shared(500, "Fault"), .shared(503, "Unavailable"),
            ]
        ),
        APIOperation(
            "GET",
            "/orders",
            "getOrders",
            "Look at several orders",
            parameters: [
                .query(
                    "ids",
                    .list("Their numbers.", of: APIComponents.order, 1...200),
                    isRequired: true
                ),
                .query("over", .boolean("Whether only those that are over are wanted.")),
            ],
            [
                .json(200, "Those that there are.", .named("Orders")),
                .shared(400, "BadRequest"), .shared(500, "Fault"), .shared(503, "Unavailable"),
            ]
        ),
        APIOperation(
            "GET",
            "/endings",
            "readEndings",
            "Hear of orders that came to their end in this process",
            details: """
                A reader who goes on with the page's `feed` and `next` misses nothing. Without \
                them, with those of another process, or with a number that is long past, the page \
                begins at the present and has `"missed": true`.
                """,
            parameters: [
                .query("feed", .text("The feed of the page before.")),
                .query("from", .integer("The `next` of the page before.")),
                .query(
                    "wait",
                    APIComponents.wait("How long to wait for an ending; at most 10 s count.")
                ),
            ],
            [
                .json(200, "A page.", .named("EndingsPage")),
                .shared(400, "BadRequest"), .shared(500, "Fault"), .shared(503, "Unavailable"),
            ]
        ),
    ]

    private static let desk: [APIOperation] = [
        APIOperation(
            "GET",
            "/sagas",
            "listSagas",
            "List orders on their way that have not moved for a while",
            parameters: [
                .query(
                    "older_ms",
                    .integer(
                        "For at least so many milliseconds; 0 without it.",
                        0...1_000_000_000_000
                    )
                )
            ],
            [
                .json(200, "Those orders.", .named("Sagas")),
                .shared(400, "BadRequest"), .shared(500, "Fault"), .shared(503, "Unavailable"),
            ]
        ),
        APIOperation(
            "GET",
            "/sagas/:id",
            "getSaga",
            "Tell an order's states, commands and decisions",
            parameters: [.path("id", APIComponents.order)],
            [
                .json(200, "The order.", .named("SagaStory")),
                .problem(404, "There is no such order."), .shared(500, "Fault"),
                .shared(503, "Unavailable"),
            ]
        ),
        APIOperation(
            "POST",
            "/sagas/:id/resolve",
            "resolveSaga",
            "Decide what becomes of an order that does not move",
            details: """
                `cancel` first voids the charge's key at payments, so that no delivery, however \
                late, can still charge. Of an order that is captured it first gives the stock \
                back, so that no delivery can still sell it, and then the money.
                """,
            parameters: [.path("id", APIComponents.order)],
            body: .named("SagaDecision"),
            [
                .json(200, "It was done.", .named("OrderStateOnly")),
                .shared(400, "BadRequest"), .problem(404, "There is no such order."),
                .problem(
                    409,
                    "The order's state does not allow it, the card may have been charged, or the "
                        + "goods are sold."
                ),
                .shared(500, "Fault"), .shared(503, "Unavailable"),
            ]
        ),
    ]

    /// The rows by which services are compared.
    static func statement(of row: String, headers: [APIHeader] = []) -> APIOperation {
        APIOperation(
            "GET",
            "/statement",
            "getStatement",
            "Tell what is known of orders, in the order of their numbers",
            details: """
                Either `after`, `until` and `limit`: a page of the orders behind one, up to \
                another; or `orders`: those of these.
                """,
            parameters: [
                .query("after", .uuid("The order before the page.")),
                .query("until", .uuid("The last order that may be on the page.")),
                .query("limit", .integer("The most rows.", 1...Int64(StatementDesk.rowsMax))),
                .query("orders", .list("The orders' numbers.", of: APIComponents.order, 1...200)),
            ],
            [
                .json(
                    200,
                    "A page.",
                    .object(
                        "Rows.",
                        [
                            APIField(
                                "rows",
                                .list("By order.", of: .named(row), 0...StatementDesk.rowsMax)
                            )
                        ]
                    ),
                    headers: headers
                ),
                .problem(400, "The parameters are neither of the two.", headers: headers),
                .shared(500, "Fault"), .shared(503, "Unavailable"),
            ]
        )
    }
}

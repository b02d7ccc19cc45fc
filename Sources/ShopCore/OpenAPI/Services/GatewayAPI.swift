extension ShopAPI {
    static let gateway: [APIOperation] = [
        APIOperation(
            "POST",
            "/orders",
            "placeOrder",
            "Place an order",
            details: """
                The answer comes when the order is written down, once for each key; what becomes \
                of it tells `GET /orders/{id}`. The same key with the same order, however its JSON \
                is written, gets the same order again. A key counts for 24 hours, and at least \
                until its order is over.
                """,
            parameters: [.shared("IdempotencyKey"), .shared("Deadline")],
            body: .named("OrderRequest"),
            takesKey: true,
            [
                .json(202, "It will come to its end.", .named("PlacedOrder"), headers: [.version]),
                .shared(400, "BadRequest"), unknownClient, reused("order"), limited,
                .shared(500, "Fault"), .shared(503, "Unavailable"),
            ]
        ),
        APIOperation(
            "GET",
            "/orders/:id",
            "getOrder",
            "Look at an order, or wait for its end",
            details: """
                With `wait` the answer comes when the order is over, or how it is at the end of \
                the wait. 12,000 requests may wait at a gateway.
                """,
            parameters: [
                .path("id", APIComponents.order), .shared("Wait"), .shared("Deadline"),
            ],
            takesKey: true,
            [
                .json(200, "The order.", .named("Order"), headers: [.version]),
                .shared(400, "BadRequest"), unknownClient,
                .problem(404, "There is no such order."), limited, .shared(503, "Unavailable"),
            ]
        ),
        APIOperation(
            "GET",
            "/orders/:id/history",
            "getOrderHistory",
            "Tell all that happened to an order, from the read model",
            parameters: [
                .path("id", APIComponents.order), .shared("MinVersion"),
                .shared("MinVersionHeader"), .shared("ModelWait"), .shared("Deadline"),
            ],
            takesKey: true,
            [
                .json(
                    200,
                    "The order as the model has it.",
                    .named("OrderView"),
                    headers: [.version, .staleness]
                ),
                .shared(400, "BadRequest"), unknownClient,
                .problem(
                    404,
                    "The model has no such order, or not yet; or this shop has no read model.",
                    headers: [.staleness]
                ),
                limited, .shared(500, "Fault"), .shared(503, "Unavailable"),
            ]
        ),
        APIOperation(
            "GET",
            "/customers/:name",
            "getCustomer",
            "Tell a customer's totals and latest orders, from the read model",
            parameters: [.path("name", APIComponents.customer), .shared("Deadline")],
            takesKey: true,
            [
                .json(200, "The customer.", .named("CustomerView"), headers: [.staleness]),
                unknownClient,
                .problem(
                    404,
                    "The model knows no such customer, or not yet; or this shop has no read model.",
                    headers: [.staleness]
                ),
                limited, .shared(500, "Fault"), .shared(503, "Unavailable"),
            ]
        ),
        APIOperation(
            "GET",
            "/dashboard",
            "getDashboard",
            "Tell how often what happened, from the read model",
            parameters: [.shared("Deadline")],
            takesKey: true,
            [
                .json(200, "The counts.", .named("Dashboard"), headers: [.staleness]),
                unknownClient, .problem(404, "This shop has no read model."), limited,
                .shared(500, "Fault"), .shared(503, "Unavailable"),
            ]
        ),
    ]

    private static let unknownClient = APIAnswer.problem(401, "The API key is not known here.")
    private static let limited = APIAnswer.problem(
        429,
        "The client's rate is used up for now.",
        headers: [.retryAfter]
    )

    static func reused(_ what: String) -> APIAnswer {
        .problem(422, "The key was used for another \(what). Nothing was changed.")
    }
}

// The read model, what consumers put aside, and the reconciler.
extension ShopAPI {
    static let projector: [APIOperation] = [
        APIOperation(
            "GET",
            "/orders/:id",
            "getOrderView",
            "Tell all that happened to an order",
            parameters: [
                .path("id", APIComponents.order), .shared("MinVersion"),
                .shared("MinVersionHeader"), .shared("ModelWait"),
            ],
            [
                .json(
                    200,
                    "The order as the model has it.",
                    .named("OrderView"),
                    headers: [.version, .staleness]
                ),
                .shared(400, "BadRequest"),
                .problem(404, "The model has no such order, or not yet.", headers: [.staleness]),
                .shared(500, "Fault"), .shared(503, "Unavailable"),
            ]
        ),
        APIOperation(
            "POST",
            "/orders/:id",
            "rewriteOrderView",
            "Write an order's view from orders' statement",
            details: "The reconciler's, when the two differ. Totals and counts stay.",
            parameters: [.path("id", APIComponents.order)],
            body: .named("ViewRequest"),
            [
                .json(200, "It is written.", .named("RewrittenView")),
                .shared(400, "BadRequest"),
                .problem(409, "The model knows a later version of the order."),
                .shared(500, "Fault"), .shared(503, "Unavailable"),
            ]
        ),
        APIOperation(
            "GET",
            "/customers/:name",
            "getCustomer",
            "Tell a customer's totals and latest orders",
            parameters: [.path("name", APIComponents.customer)],
            [
                .json(200, "The customer.", .named("CustomerView"), headers: [.staleness]),
                .shared(400, "BadRequest"),
                .problem(404, "The model knows no such customer.", headers: [.staleness]),
                .shared(500, "Fault"), .shared(503, "Unavailable"),
            ]
        ),
        APIOperation(
            "GET",
            "/dashboard",
            "getDashboard",
            "Tell how often what happened",
            [
                .json(200, "The counts.", .named("Dashboard"), headers: [.staleness]),
                .shared(500, "Fault"), .shared(503, "Unavailable"),
            ]
        ),
        statement(of: "ViewRow", headers: [.staleness]),
    ]

    static let deadLetters: [APIOperation] = [
        APIOperation(
            "GET",
            "/dead-letters",
            "listDeadLetters",
            "List events that could not be handled",
            [
                .json(200, "Them.", .named("DeadLetters")), .shared(500, "Fault"),
                .shared(503, "Unavailable"),
            ]
        ),
        APIOperation(
            "GET",
            "/dead-letters/:id",
            "getDeadLetter",
            "Show an event that could not be handled",
            parameters: [letter],
            [
                .json(200, "The event.", .named("DeadLetter")), noLetter, .shared(500, "Fault"),
                .shared(503, "Unavailable"),
            ]
        ),
        APIOperation(
            "POST",
            "/dead-letters/:id/replay",
            "replayDeadLetter",
            "Handle an event after all",
            parameters: [letter],
            [
                .json(200, "It was handled, once.", .named("ReplayedLetter")), noLetter,
                .problem(409, "It still cannot be handled, or was handled before."),
                .shared(500, "Fault"), .shared(503, "Unavailable"),
            ]
        ),
    ]

    private static let letter = APIParameter.path(
        "id",
        .integer("The dead letter's number.", 1...Int64.max)
    )
    private static let noLetter = APIAnswer.problem(404, "There is no such dead letter.")

    static let reconciler: [APIOperation] = [
        APIOperation(
            "GET",
            "/conflicts",
            "listConflicts",
            "List what services tell differently of orders",
            parameters: [
                .query("all", .boolean("Whether those that are not open any more belong to it."))
            ],
            [
                .json(200, "Them.", .named("Conflicts")), .shared(500, "Fault"),
                .shared(503, "Unavailable"),
            ]
        )
    ]
}

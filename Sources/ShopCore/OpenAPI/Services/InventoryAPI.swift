extension ShopAPI {
    static let inventory: [APIOperation] = [
        APIOperation(
            "POST",
            "/reservations",
            "holdStock",
            "Hold stock for an order",
            details: "An order has one reservation, however often and under whatever message.",
            parameters: [.shared("MessageId")],
            body: .named("HoldRequest"),
            [
                .json(200, "It is held, or was sold already.", .named("Reservation")),
                .json(409, "There is not enough, or it was given back.", .named("Reservation")),
                .shared(400, "BadRequest"), .shared(500, "Fault"), .shared(503, "Unavailable"),
            ]
        ),
        APIOperation(
            "GET",
            "/reservations/:order",
            "getReservation",
            "Tell what an order has of the stock",
            parameters: [.path("order", APIComponents.order)],
            [
                .json(200, "Its reservation.", .named("Reservation")), nothingHeld,
                .shared(500, "Fault"), .shared(503, "Unavailable"),
            ]
        ),
        APIOperation(
            "POST",
            "/reservations/:order/confirm",
            "confirmReservation",
            "Sell what an order holds",
            parameters: [.path("order", APIComponents.order), .shared("MessageId")],
            [
                .json(200, "It is sold.", .named("Reservation")),
                .json(409, "It was given back.", .named("Reservation")),
                .shared(400, "BadRequest"), nothingHeld, .shared(500, "Fault"),
                .shared(503, "Unavailable"),
            ]
        ),
        APIOperation(
            "POST",
            "/reservations/:order/release",
            "releaseReservation",
            "Give back what an order holds",
            details: """
                Where nothing is held, a released reservation is left behind, so that a hold that \
                arrives late holds nothing.
                """,
            parameters: [.path("order", APIComponents.order), .shared("MessageId")],
            body: .named("HoldRequest"),
            [
                .json(200, "Nothing is held any more.", .named("Reservation")),
                .json(409, "It was sold.", .named("Reservation")),
                .shared(400, "BadRequest"), .shared(500, "Fault"), .shared(503, "Unavailable"),
            ]
        ),
        statement(of: "ReservationRow"),
    ]

    private static let nothingHeld = APIAnswer.problem(404, "The order has no reservation.")
}

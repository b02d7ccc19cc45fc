// What inventory takes and tells.
extension APIComponents {
    private static let states = ["held", "confirmed", "released"]

    static let stockSchemas: [(name: String, schema: APISchema)] = [
        (
            "HoldRequest",
            .object(
                "Stock for an order.",
                [
                    APIField("order", order), APIField("sku", sku), APIField("quantity", quantity),
                ]
            )
        ),
        (
            "Reservation",
            .object(
                "What the order has of the stock.",
                [
                    APIField("order", order),
                    APIField(
                        "state",
                        .choice(
                            "`confirmed` is sold; `out-of-stock`: there was not enough, and "
                                + "nothing is held.",
                            states + ["out-of-stock"]
                        )
                    ),
                ]
            )
        ),
        (
            "ReservationRow",
            .object(
                "What inventory knows of an order.",
                [
                    APIField("order", order), APIField("state", .choice("As above.", states)),
                    APIField("sku", sku), APIField("quantity", quantity),
                ]
            )
        ),
    ]
}

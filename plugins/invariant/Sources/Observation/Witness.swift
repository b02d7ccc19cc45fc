import JSON

extension ObservationIndex {
    /// An order's whole story, so that a reader needs no query of his own.
    ///
    /// Members: `order`, `state`, `keys` (the client's, then those of its charges), `charges`
    /// (ids), `amounts_cents`, `times` (of the charges), and what else is known of it.
    func story(of id: String, because reason: String) -> JSONObject {
        let charges = charges(of: id).sorted { $0.at < $1.at }
        var story: JSONObject = ["order": .string(id), "reason": .string(reason)]
        let order = order(id)
        story["state"] = .string(order?.state ?? "no such order")
        story["keys"] = .array(
            ([order?.key].compactMap { $0 } + unique(charges.map(\.key))).map(JSONValue.string)
        )
        story["charges"] = .array(charges.map { .string($0.id) })
        story["amounts_cents"] = .array(charges.map { .integer($0.cents) })
        story["times"] = .array(charges.map { .string($0.at) })
        let refunds = refunds(of: id)
        if !refunds.isEmpty { story["refunds"] = .array(refunds.map(describe)) }
        if let order { describe(order, in: &story) }
        let payments = payments(of: id)
        if !payments.isEmpty { story["payments"] = .array(payments.map(describe)) }
        let reservations = reservations(of: id)
        if !reservations.isEmpty { story["reservations"] = .array(reservations.map(describe)) }
        events?.describe(id, in: &story)
        return story
    }

    private func unique(_ keys: [String]) -> [String] {
        var seen: Set<String> = []
        return keys.filter { seen.insert($0).inserted }
    }

    private func describe(_ order: Observation.Order, in story: inout JSONObject) {
        story["sku"] = .string(order.sku)
        story["quantity"] = .integer(order.quantity)
        story["amount_cents"] = .integer(order.cents)
        story["placed"] = .string(order.createdAt)
        story["cancelled-for"] = order.cancelledFor.map { .string($0) }
        guard !order.history.isEmpty else { return }
        story["history"] = .array(
            order.history.map { ["state": .string($0.state), "at": .string($0.at)] }
        )
    }

    private func describe(_ refund: Observation.Refund) -> JSONValue {
        [
            "refund": .string(refund.id),
            "key": .string(refund.key),
            "charge": .string(refund.charge),
            "amount_cents": .integer(refund.cents),
            "at": .string(refund.at),
        ]
    }

    private func describe(_ payment: Observation.Payment) -> JSONValue {
        [
            "key": .string(payment.key),
            "state": .string(payment.state),
            "amount_cents": .integer(payment.cents),
            "charge": payment.charge.map(JSONValue.string) ?? .null,
        ]
    }

    private func describe(_ reservation: Observation.Reservation) -> JSONValue {
        [
            "reservation": .string(reservation.id),
            "state": .string(reservation.state),
            "quantity": .integer(reservation.quantity),
            "at": .string(reservation.createdAt),
        ]
    }
}

/// An observation with look-ups by order, built once for all invariants.
struct ObservationIndex: Sendable {
    let observation: Observation
    /// The way of events; `nil` when the shop has no event side.
    let events: EventIndex?
    private let orders: [String: Observation.Order]
    private let charges: [String: [Observation.Charge]]
    private let kept: [String: [Observation.Charge]]
    private let refunds: [String: [Observation.Refund]]
    private let payments: [String: [Observation.Payment]]
    private let reservations: [String: [Observation.Reservation]]
    /// The orders by the client's key, in the order in which they were placed.
    let ordersByKey: [String: [Observation.Order]]

    init(_ observation: Observation) {
        self.observation = observation
        events = observation.events.map { EventIndex($0) }
        orders = Dictionary(
            observation.orders.map { ($0.id, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        charges = Dictionary(grouping: observation.charges, by: \.order)
        refunds = Dictionary(grouping: observation.refunds, by: \.order)
        let back = observation.refunds.reduce(into: [String: Int64]()) {
            $0[$1.charge, default: 0] += $1.cents
        }
        kept = Dictionary(
            grouping: observation.charges.filter { back[$0.id, default: 0] < $0.cents },
            by: \.order
        )
        payments = Dictionary(grouping: observation.payments, by: \.order)
        reservations = Dictionary(grouping: observation.reservations, by: \.order)
        ordersByKey = Dictionary(grouping: observation.orders, by: \.key)
    }

    /// Whether no order was seen.
    var isEmpty: Bool { observation.orders.isEmpty }

    func order(_ id: String) -> Observation.Order? { orders[id] }
    func charges(of order: String) -> [Observation.Charge] { charges[order] ?? [] }
    /// The charges whose money was not all given back.
    func keptCharges(of order: String) -> [Observation.Charge] { kept[order] ?? [] }
    func refunds(of order: String) -> [Observation.Refund] { refunds[order] ?? [] }
    func payments(of order: String) -> [Observation.Payment] { payments[order] ?? [] }
    func reservations(of order: String) -> [Observation.Reservation] { reservations[order] ?? [] }

    /// The orders that were charged, in the ledger's order, each once; those too that had their
    /// money back.
    var chargedOrders: [String] {
        var seen: Set<String> = []
        return observation.charges.map(\.order).filter { seen.insert($0).inserted }
    }
}

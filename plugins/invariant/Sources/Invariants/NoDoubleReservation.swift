extension Invariant {
    /// Predicate: for every order o, the number of reservations of o in force is at most 1.
    static let noDoubleReservation = Invariant(
        name: "no-double-reservation",
        statement: "No order holds or has taken goods more than once.",
        anomaly: "double reservation",
        isAlways: true
    ) { index in
        let active = Dictionary(
            grouping: index.observation.reservations.filter(\.isActive),
            by: \.order
        )
        let witnesses = active.filter { $0.value.count > 1 }.sorted { $0.key < $1.key }.map {
            index.story(of: $0.key, because: "\($0.value.count) reservations in force")
        }
        return Finding(checked: active.count, witnesses: witnesses)
    }
}

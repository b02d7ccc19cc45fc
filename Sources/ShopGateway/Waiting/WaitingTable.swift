/// Which customers wait for which order; a value.
///
/// An order that ended wakes all who wait for it at that moment, once.
struct WaitingTable<Seat: Sendable>: Sendable {
    private var seats: [String: [(number: Int, seat: Seat)]] = [:]
    private var last = 0
    /// How many customers wait.
    private(set) var count = 0

    /// The orders that somebody waits for.
    var orders: [String] { Array(seats.keys) }

    /// A customer begins to wait; the number is for `leave`.
    mutating func enter(_ order: String, _ seat: Seat) -> Int {
        last += 1
        count += 1
        seats[order, default: []].append((last, seat))
        return last
    }

    /// A customer waits no more; harmless when the order ended before.
    mutating func leave(_ number: Int, _ order: String) {
        guard let index = seats[order]?.firstIndex(where: { $0.number == number }) else { return }
        count -= 1
        seats[order]?.remove(at: index)
        if seats[order]?.isEmpty == true { seats[order] = nil }
    }

    /// An order ended; those who waited for it wait no more.
    mutating func end(_ order: String) -> [Seat] {
        guard let ended = seats.removeValue(forKey: order) else { return [] }
        count -= ended.count
        return ended.map(\.seat)
    }

    /// Nobody waits any more.
    mutating func endAll() -> [Seat] {
        defer {
            seats = [:]
            count = 0
        }
        return seats.values.flatMap { $0.map(\.seat) }
    }
}

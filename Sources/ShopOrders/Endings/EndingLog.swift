/// The orders that ended in this process, numbered from 0 in the order of their ends; a value.
///
/// Keeps the last `keptMax`: a gateway that was away for a few seconds goes on where it was.
struct EndingLog: Sendable {
    /// The most endings that are kept; at 500 a second those of forty seconds.
    static let keptMax = 20_000

    /// Where the ending with a number is: at the number's remainder.
    private var orders: [String] = []
    /// The number of the next ending.
    private(set) var next: Int64 = 0

    mutating func append(_ orderID: String) {
        if orders.count < Self.keptMax {
            orders.append(orderID)
        } else {
            orders[Int(next % Int64(Self.keptMax))] = orderID
        }
        next += 1
    }

    /// The endings from a number on, at most so many; `nil` when the number is none that is kept
    /// or comes next.
    func endings(from number: Int64, atMost count: Int) -> [String]? {
        guard number <= next, number >= next - Int64(orders.count) else { return nil }
        let end = min(next, number + Int64(count))
        return (number..<end).map { orders[Int($0 % Int64(Self.keptMax))] }
    }
}

internal import ChaosJournal

// For libm: logarithms.
internal import func Glibc.log

/// How many calls of one operation took how long, by when they were planned.
///
/// A quantile hides what a second group of calls does; a map of all of them shows it.
struct HeatMap {
    /// The tints that are told apart; the darkest is the fullest cell.
    static let levels = 6

    let columns: Int
    let rows: Int
    /// Calls by cell, row by row from the fastest.
    private(set) var counts: [Int]
    /// Calls in the fullest cell.
    private(set) var fullest = 0

    /// - Parameters:
    ///   - calls: of these, those with a latency and the wanted name are counted.
    ///   - name: an index of the calls' names.
    ///   - duration: seconds along the columns, above 0.
    ///   - axis: the latencies; its length is divided among the rows.
    ///   - columns: 1 or more.
    ///   - rows: 1 or more.
    init(
        _ calls: OperationColumns,
        name: Int,
        duration: Double,
        axis: Axis,
        columns: Int,
        rows: Int
    ) {
        self.columns = columns
        self.rows = rows
        counts = Array(repeating: 0, count: columns * rows)
        for index in 0..<calls.count {
            let call = calls[index]
            guard call.name == name, let latency = call.latency else { continue }
            let planned = Swift.max(0, call.elapsed - latency / 1000)
            let column = Swift.min(columns - 1, Int(planned / duration * Double(columns)))
            let share = (axis.place(latency) - axis.start) / (axis.end - axis.start)
            let row = Swift.min(rows - 1, Int(share * Double(rows)))
            counts[row * columns + column] += 1
        }
        fullest = counts.max() ?? 0
    }

    /// 0 for an empty cell, 1 to `levels` by the logarithm of its count.
    func level(row: Int, column: Int) -> Int {
        let count = counts[row * columns + column]
        guard count > 0 else { return 0 }
        let share = log(1 + Double(count)) / log(1 + Double(fullest))
        return Swift.max(1, Swift.min(Self.levels, Int((share * Double(Self.levels)).rounded(.up))))
    }

    /// The fastest and the slowest call of that name, in milliseconds.
    static func range(_ calls: OperationColumns, name: Int) -> ClosedRange<Double>? {
        var low = Double.infinity
        var high = 0.0
        for index in 0..<calls.count {
            let call = calls[index]
            guard call.name == name, let latency = call.latency, latency > 0 else { continue }
            low = Swift.min(low, latency)
            high = Swift.max(high, latency)
        }
        return low <= high ? low...high : nil
    }
}

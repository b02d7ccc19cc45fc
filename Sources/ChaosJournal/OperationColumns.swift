/// The clients' operations of a run, column by column: what figures and pictures need of them.
///
/// A run has a hundred of them for every other event. Whole events take some 300 bytes each; a row
/// here takes 22, without the keys and orders, which only the stories of witnesses need.
package struct OperationColumns: Sendable, Equatable {
    /// One operation's begin or end.
    package struct Row: Sendable, Equatable {
        /// An index of `names`.
        package var name: Int
        /// Seconds since the run started.
        package var elapsed: Double
        package var arrival: Int
        package var kind: ClientOperation.Kind
        /// Milliseconds from the planned start; only with ends.
        package var latency: Double?
    }

    /// The operations' names, in the order of first appearance.
    package private(set) var names: [String] = []
    private var nameColumn: [UInt8] = []
    private var kindColumn: [UInt8] = []
    private var elapsedColumn: [Double] = []
    private var arrivalColumn: [Int32] = []
    private var latencyColumn: [Double] = []

    /// More names than this share the last one; a load has a handful.
    private static let namesMax = 255
    private static let kinds: [ClientOperation.Kind] = [.invoke, .ok, .fail, .info]

    package init() {}

    package var count: Int { elapsedColumn.count }
    package var isEmpty: Bool { elapsedColumn.isEmpty }

    package mutating func append(_ operation: ClientOperation, at elapsed: Double) {
        nameColumn.append(UInt8(index(of: operation.operation)))
        kindColumn.append(UInt8(Self.kinds.firstIndex(of: operation.kind) ?? 0))
        elapsedColumn.append(elapsed)
        arrivalColumn.append(Int32(clamping: operation.arrival))
        latencyColumn.append(operation.latencyMilliseconds ?? .nan)
    }

    package subscript(row: Int) -> Row {
        let latency = latencyColumn[row]
        return Row(
            name: Int(nameColumn[row]),
            elapsed: elapsedColumn[row],
            arrival: Int(arrivalColumn[row]),
            kind: Self.kinds[Int(kindColumn[row])],
            latency: latency.isNaN ? nil : latency
        )
    }

    private mutating func index(of name: String) -> Int {
        if let index = names.firstIndex(of: name) { return index }
        guard names.count <= Self.namesMax else { return Self.namesMax }
        names.append(name)
        return names.count - 1
    }
}

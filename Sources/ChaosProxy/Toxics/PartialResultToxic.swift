import ChaosModel

extension ToxicType {
    /// `partial_result`: the connection breaks (RST) in the middle of the `row`-th row of a result.
    ///
    /// 0 means the first row. What the statement did on the server is not undone by this.
    static let partialResult = ToxicType(
        "partial_result",
        needs: .postgres,
        fields: [.init("row", .count)]
    ) { (attributes) throws(ControlError) in
        let row = attributes.values[0]
        guard (0...1_000_000_000).contains(row) else {
            throw .badBody("attributes.row \(row) is no row. Use 1 for the first")
        }
        return .partialResult(row: max(1, Int(row)))
    }
}

import ChaosModel

extension ToxicType {
    /// `terminate`: at its next statement the session ends as by an administrator (57P01), on both
    /// sides; the statement is not run.
    static let terminate = ToxicType(
        "terminate",
        needs: .postgres,
        fields: [.init("message", .text)]
    ) { (attributes) throws(ControlError) in
        let message = attributes.texts[0]
        return .terminate(
            try SQLFailure(
                sqlState: "57P01",
                message: message.isEmpty
                    ? "terminating connection due to administrator command" : message
            )
        )
    }
}

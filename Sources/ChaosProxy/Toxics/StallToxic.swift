import ChaosModel

extension ToxicType {
    /// `stall`: inside a transaction the client's bytes stop on their way to the server, for
    /// `timeout` ms or, with 0, until the toxic is removed; the transaction keeps its locks.
    static let stall = ToxicType(
        "stall",
        needs: .postgres,
        fields: [.init("timeout", .milliseconds)]
    ) { attributes in
        let time = ToxicAttributes.nanoseconds(milliseconds: attributes.values[0])
        return .stall(nanoseconds: time > 0 ? time : nil)
    }
}

import ChaosModel

extension ToxicType {
    /// `slow_query`: a statement waits `delay` ms before it goes to the server.
    static let slowQuery = ToxicType(
        "slow_query",
        needs: .postgres,
        fields: [.init("delay", .milliseconds)]
    ) { attributes in
        .slowQuery(nanoseconds: ToxicAttributes.nanoseconds(milliseconds: attributes.values[0]))
    }
}

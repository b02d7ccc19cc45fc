import ChaosModel

extension ToxicType {
    /// `delay_commit_ack`: the acknowledgement of a COMMIT reaches the client `delay` ms late.
    ///
    /// The transaction is committed all the while: who gives up waiting is wrong about it.
    static let delayCommitAck = ToxicType(
        "delay_commit_ack",
        needs: .postgres,
        fields: [.init("delay", .milliseconds), .init("ask_transaction_id", .count)]
    ) { attributes in
        .delayCommitAck(
            nanoseconds: ToxicAttributes.nanoseconds(milliseconds: attributes.values[0]),
            asksTransactionID: attributes.values[1] != 0
        )
    }
}

import ChaosModel

extension ToxicType {
    /// `lose_commit_ack`: the server commits, the client never hears of it.
    ///
    /// A matched COMMIT goes to the server; its acknowledgement and everything behind it are
    /// swallowed, the client's connection is broken (RST) and the server's is closed politely.
    /// So the client is in the state that makes double charges: it cannot know. With
    /// `ask_transaction_id` the server is asked for the transaction's number before the COMMIT.
    static let loseCommitAck = ToxicType(
        "lose_commit_ack",
        needs: .postgres,
        fields: [.init("ask_transaction_id", .count)]
    ) { attributes in
        .loseCommitAck(asksTransactionID: attributes.values[0] != 0)
    }
}

import ChaosModel

extension ToxicType {
    /// `lose_commit_ack`: the server commits, the client never hears of it.
    ///
    /// A matched COMMIT goes to the server; its acknowledgement and everything behind it are
    /// swallowed, the client's connection is broken (RST) and the server's is closed politely.
    /// So the client is in the state that makes double charges: it cannot know.
    static let loseCommitAck = ToxicType(
        "lose_commit_ack",
        needs: .postgres,
        event: .commitAcknowledged
    )
}

import ChaosModel

extension ToxicType {
    /// `drop_commit`: a COMMIT never reaches the server, which rolls back.
    ///
    /// The client's connection breaks (RST), so that it sees the same as with `lose_commit_ack` and
    /// cannot tell which it was.
    static let dropCommit = ToxicType(
        "drop_commit",
        needs: .postgres,
        fields: [.init("ask_transaction_id", .count)]
    ) { attributes in
        .dropCommit(asksTransactionID: attributes.values[0] != 0)
    }
}

import ChaosModel

extension ToxicType {
    /// `duplicate_statement`: a statement is sent to the server twice and the second answer
    /// swallowed, as by a middleman who retries; the client learns the transaction's true state.
    static let duplicateStatement = ToxicType("duplicate_statement", needs: .postgres) { _ in
        .duplicate
    }
}

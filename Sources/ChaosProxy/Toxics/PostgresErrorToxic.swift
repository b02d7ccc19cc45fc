import ChaosModel

extension ToxicType {
    /// `pg_error`: the client gets an error of any SQLSTATE in the place of an answer.
    ///
    /// `at` is `begin`, `statement` (with `statement` the n-th of a transaction, 0 any) or
    /// `commit`. The server's transaction is aborted first, so that client and server agree about
    /// its end.
    static let postgresError = ToxicType(
        "pg_error",
        needs: .postgres,
        fields: [
            .init("sqlstate", .text), .init("message", .text), .init("at", .text),
            .init("statement", .count),
        ]
    ) { (attributes) throws(ControlError) in
        let (state, message) = (attributes.texts[0], attributes.texts[1])
        let failure = try SQLFailure(
            sqlState: state.isEmpty ? "40001" : state,
            message: message.isEmpty ? "could not serialize access (injected)" : message
        )
        let ordinal = attributes.values[3]
        guard (0...1_000_000).contains(ordinal) else {
            throw .badBody(
                "attributes.statement \(ordinal) is no ordinal. Use 1 for the first statement"
                    + " behind BEGIN, or 0 for any"
            )
        }
        switch attributes.texts[2].lowercased() {
        case "begin": return .error(failure, at: .begin)
        case "commit": return .error(failure, at: .commit)
        case "", "statement": return .error(failure, at: .statement(Int(ordinal)))
        default:
            throw .badBody(
                "attributes.at \"\(attributes.texts[2])\" is no place. Use begin, statement or"
                    + " commit"
            )
        }
    }
}

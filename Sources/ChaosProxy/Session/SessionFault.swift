/// What a toxic of a session does when it hits.
enum SessionFault: Sendable, Equatable {
    /// What the client asks is asked twice.
    case duplicate
    // PostgreSQL
    case loseCommitAck(asksTransactionID: Bool)
    case delayCommitAck(nanoseconds: Int64, asksTransactionID: Bool)
    case dropCommit(asksTransactionID: Bool)
    case error(SQLFailure, at: ErrorPlace)
    /// The connection breaks in the middle of this row of a result, from 1.
    case partialResult(row: Int)
    case terminate(SQLFailure)
    case refuseStartup(SQLFailure)
    case hangStartup
    /// `nil`: until the toxic is removed.
    case stall(nanoseconds: Int64?)
    case slowQuery(nanoseconds: Int64)
    // HTTP
    case answerStatus(status: Int, body: String)
    case delayMessage(nanoseconds: Int64)
    case abortRequest
    case loseResponse

    /// Where in a transaction an error strikes.
    enum ErrorPlace: Sendable, Equatable {
        case begin
        /// The n-th statement behind BEGIN, from 1; 0: any statement, in a transaction or not.
        case statement(Int)
        case commit
    }

    /// Whether a COMMIT asks for the transaction's number before it goes on.
    var asksTransactionID: Bool {
        switch self {
        case .loseCommitAck(let asks), .dropCommit(let asks), .delayCommitAck(_, let asks): asks
        default: false
        }
    }
}

/// An error as PostgreSQL tells it.
struct SQLFailure: Sendable, Equatable {
    let sqlState: String
    let message: String

    /// - Throws: `ControlError` when the state is not five digits or capital letters.
    init(sqlState: String, message: String) throws(ControlError) {
        let isState =
            sqlState.utf8.count == 5
            && sqlState.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) }
        guard isState, !sqlState.hasPrefix("00") else {
            throw .badBody(
                "attributes.sqlstate \"\(sqlState)\" is no error. Use five digits or capital"
                    + " letters, such as 40001"
            )
        }
        guard message.utf8.count <= 1_000, !message.utf8.contains(0) else {
            throw .badBody("attributes.message is too long. Use at most 1000 bytes")
        }
        self.sqlState = sqlState
        self.message = message
    }
}

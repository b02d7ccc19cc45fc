/// Follows a session's transaction state through the server's messages.
struct TransactionTracker: Sendable {
    enum State: Sendable, Equatable {
        /// No transaction block: `I`.
        case idle
        /// In a transaction block: `T`.
        case open
        /// In a transaction block that failed: `E`.
        case failed
        /// Not known until the next ReadyForQuery: a ROLLBACK may have been to a savepoint.
        case unknown
    }

    private(set) var state: State = .idle

    /// What the tag of a CommandComplete says about transactions.
    enum Tag: Sendable {
        case begin, commit, rollback, prepare, other
    }

    /// A statement completed; returns whether it committed a transaction that was open.
    ///
    /// A COMMIT outside a transaction also answers "COMMIT" and is not counted; one that fails
    /// answers with an error or "ROLLBACK". The server commits before it sends the tag
    /// (`exec_simple_query` and `exec_execute_message` in postgres.c), so the answer is certain.
    mutating func completed(_ tag: Tag) -> Bool {
        switch tag {
        case .begin:
            if state != .failed { state = .open }
            return false
        case .commit:
            let closes = state == .open
            state = .idle
            return closes
        case .prepare:
            state = .idle
            return false
        case .rollback:
            state = .unknown
            return false
        case .other:
            return false
        }
    }

    /// The server reported an error.
    mutating func errorReported() {
        if state == .open { state = .failed }
    }

    /// ReadyForQuery told the state: `I`, `T` or `E`.
    mutating func ready(_ status: UInt8) {
        switch status {
        case UInt8(ascii: "I"): state = .idle
        case UInt8(ascii: "T"): state = .open
        case UInt8(ascii: "E"): state = .failed
        default: state = .unknown
        }
    }
}

/// What went wrong with a connection, statement or pool, and whether a change may have been made.
package struct PostgresError: Error, Sendable {
    /// The kind of failure; callers switch on it.
    package struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Base: String {
            case connection, timeout, cancelled, server, ambiguousCommit, pool, value, result
            case misuse
        }

        private let base: Base

        /// The connection could not be made, or was lost.
        package static let connection = Code(base: .connection)
        /// The deadline passed; the connection is closed.
        package static let timeout = Code(base: .timeout)
        /// The calling task was cancelled; the connection is closed unless nothing was sent.
        package static let cancelled = Code(base: .cancelled)
        /// The server answered with an error; `sqlState` is set.
        package static let server = Code(base: .server)
        /// COMMIT was sent and its acknowledgement never came: committed or not, nobody here knows.
        package static let ambiguousCommit = Code(base: .ambiguousCommit)
        /// The pool had no connection to lend within its bounds, or is closed.
        package static let pool = Code(base: .pool)
        /// A parameter or SQL text that PostgreSQL cannot take; nothing was sent.
        package static let value = Code(base: .value)
        /// The result is not what was asked for: no such column, NULL, wrong type, too large.
        package static let result = Code(base: .result)
        /// A call that the connection's state forbids, such as a nested transaction.
        package static let misuse = Code(base: .misuse)

        package var description: String { base.rawValue }
    }

    /// The kind of failure.
    package var code: Code
    /// The server's five-character SQLSTATE (PostgreSQL, Appendix A), when it said anything.
    package var sqlState: String?
    /// What went wrong, where, and what to do; holds no parameter values.
    package var message: String
    /// Whether the change was certainly *not* made.
    package var isDefinite: Bool
    /// The server's DETAIL; may quote row values, therefore not part of `description`.
    package var detail: String?
    /// The name of the constraint that was violated, when one was.
    package var constraint: String?

    package init(
        _ code: Code,
        _ message: String,
        sqlState: String? = nil,
        isDefinite: Bool
    ) {
        self.code = code
        self.message = message
        self.sqlState = sqlState
        self.isDefinite = isDefinite
    }

    /// Whether the same transaction may succeed when it is simply run again.
    ///
    /// True for serialization failures and deadlocks (class 40), a server that is starting or
    /// full, a connection that was never made and an exhausted pool — and only when the change was
    /// certainly not made.
    package var isRetryable: Bool {
        guard isDefinite else { return false }
        if code == .connection || code == .pool { return true }
        switch sqlState {
        case "40001", "40P01", "53300", "57P01", "57P02", "57P03", "55P03": return true
        default: return false
        }
    }

    /// Whether the server took the text of a parameter for no value of its type (class 22).
    package var isBadValue: Bool { sqlState?.hasPrefix("22") == true }

    /// Whether a unique constraint refused the row (SQLSTATE 23505).
    package var isUniqueViolation: Bool { sqlState == "23505" }
}

extension PostgresError: CustomStringConvertible {
    package var description: String {
        let state = sqlState.map { " (SQLSTATE \($0))" } ?? ""
        return "PostgreSQL \(code): \(message)\(state)"
    }
}

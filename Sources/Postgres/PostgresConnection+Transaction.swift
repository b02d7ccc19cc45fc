import CPostgres

/// How strictly concurrent transactions are kept apart (PostgreSQL, chapter 13).
package enum IsolationLevel: String, Sendable, CaseIterable {
    case readCommitted = "READ COMMITTED"
    case repeatableRead = "REPEATABLE READ"
    case serializable = "SERIALIZABLE"
}

extension PostgresConnection {
    /// Runs `body` between BEGIN and COMMIT, each a simple statement of its own.
    ///
    /// When `body` throws, the transaction is rolled back and the error passed on. A COMMIT that
    /// the server refused (a deferred constraint, a serialization failure) throws `.server` and is
    /// definite. A COMMIT whose answer was lost or late throws `.ambiguousCommit`. Cancelling the
    /// task rolls back until COMMIT is sent and has no effect from then on.
    ///
    /// Without an isolation level it is the server's default, READ COMMITTED; `timeout` bounds
    /// BEGIN, COMMIT and ROLLBACK, each.
    @discardableResult
    package func transaction<T>(
        isolation: IsolationLevel? = nil,
        timeout: Duration = defaultTimeout,
        _ body: (PostgresConnection) async throws -> T
    ) async throws -> T {
        try await begin(isolation, timeout)
        let value: T
        do {
            value = try await body(self)
        } catch {
            await rollBack(timeout)
            throw error
        }
        if Task.isCancelled {
            await rollBack(timeout)
            throw PostgresError(.cancelled, "cancelled before COMMIT", isDefinite: true)
        }
        try await commit(timeout)
        return value
    }

    private func begin(_ isolation: IsolationLevel?, _ timeout: Duration) async throws {
        _ = unsafe try handle.claim()
        guard isIdle else {
            throw PostgresError(
                .misuse,
                "a transaction is already open on this connection. Do not nest transactions.",
                isDefinite: true
            )
        }
        let level = isolation.map { " ISOLATION LEVEL \($0.rawValue)" } ?? ""
        _ = try await sendSimple(
            "BEGIN\(level)",
            Patience(timeout),
            Stakes(lossIsDefinite: true, name: "BEGIN")
        )
    }

    /// Rolls back, in a cancelled task too; a connection that cannot is closed, which does the
    /// same.
    func rollBack(_ timeout: Duration) async {
        guard handle.isGood, !isIdle else { return }
        let patience = Patience(timeout, heedsCancellation: false)
        let stakes = Stakes(lossIsDefinite: true, name: "ROLLBACK")
        do {
            _ = try await sendSimple("ROLLBACK", patience, stakes)
        } catch {
            handle.close()
        }
    }

    private func commit(_ timeout: Duration) async throws {
        guard handle.isGood else {
            throw PostgresError(
                .connection,
                "the connection was lost before COMMIT was sent; the server rolls back",
                isDefinite: true
            )
        }
        guard !isIdle else {
            throw PostgresError(
                .misuse,
                "the transaction was ended inside of its scope. Leave COMMIT to the scope.",
                isDefinite: false
            )
        }
        let patience = Patience(timeout, heedsCancellation: false)
        let stakes = Stakes(lossIsDefinite: false, name: "COMMIT")
        let rows: PostgresRows
        do {
            rows = try await sendSimple("COMMIT", patience, stakes)
        } catch {
            throw error.isDefinite ? error : ambiguous(error)
        }
        // COMMIT of a failed transaction answers ROLLBACK, without an error.
        guard rows.commandTag == "COMMIT" else {
            throw PostgresError(
                .server,
                "COMMIT answered \(rows.commandTag): a statement before it had failed. "
                    + "Let the scope see the errors of its statements.",
                sqlState: "25P02",
                isDefinite: true
            )
        }
    }

    private func ambiguous(_ cause: PostgresError) -> PostgresError {
        PostgresError(
            .ambiguousCommit,
            "\(cause.message). The transaction may or may not be committed; "
                + "look before you repeat it.",
            sqlState: cause.sqlState,
            isDefinite: false
        )
    }
}

extension PostgresConnection {
    /// Whether no transaction is open.
    var isIdle: Bool { transactionStatus == PQTRANS_IDLE }
}

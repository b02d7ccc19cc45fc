import CPostgres
import EventLoop

/// A connection to a PostgreSQL server; runs one statement at a time.
///
/// Confined to the loop on which it was made: traps when used elsewhere (therefore
/// `@unchecked Sendable`). Closed by `close()`, by a timeout, by cancellation in mid-statement, or
/// when its last reference goes.
package final class PostgresConnection: @unchecked Sendable {
    /// How long a statement may take unless the call says otherwise.
    package static let defaultTimeout: Duration = .seconds(10)
    /// How many statements a connection remembers or keeps prepared.
    package static let statementsMax = 128

    let handle: ConnectionHandle
    var statements = StatementCache(capacity: statementsMax)
    var subscriptions: [Subscription] = []

    init(handle: ConnectionHandle) {
        self.handle = handle
    }

    deinit {
        let handle = handle
        for subscription in subscriptions { subscription.continuation.finish() }
        if handle.loop.isCurrent { handle.close() } else { handle.loop.execute { handle.close() } }
    }

    /// Connects to the server that a libpq connection string or URI names.
    ///
    /// Addresses must be numeric or Unix socket directories: libpq resolves names by blocking.
    /// `options` are the session's settings, as on a server's command line (`-c name=value`),
    /// unless the connection string has its own.
    ///
    /// Throws `.connection` (with the server's SQLSTATE if it refused), `.timeout` or `.cancelled`;
    /// all of them definite.
    package static func connect(
        _ conninfo: String,
        options: StaticString = "",
        timeout: Duration = defaultTimeout
    ) async throws(PostgresError) -> PostgresConnection {
        guard let loop = Loop.current else {
            preconditionFailure("PostgresConnection.connect is called outside of a loop")
        }
        let handle = try ConnectionHandle.start(conninfo, options: options, loop: loop)
        do {
            try await handle.finishConnecting(Patience(timeout))
        } catch {
            handle.close()
            throw error
        }
        return PostgresConnection(handle: handle)
    }

    /// Runs one statement with parameters `$1`, `$2`, … and returns its rows.
    ///
    /// - Parameters:
    ///   - sql: One statement.
    ///   - parameters: Their values, at most 65,535; `nil` is NULL.
    ///   - timeout: When to give up, close the connection and throw `.timeout`.
    /// - Returns: The rows; empty for statements that return none.
    /// - Throws: `PostgresError`; its `isDefinite` says whether the statement certainly had no
    ///   effect.
    @discardableResult
    package func query(
        _ sql: String,
        _ parameters: [PostgresValue?] = [],
        timeout: Duration = defaultTimeout
    ) async throws(PostgresError) -> PostgresRows {
        let texts = try ParameterTexts(parameters)
        let patience = Patience(timeout)
        do {
            return try await execute(sql, texts, patience)
        } catch {
            guard isStale(error, sql) else { throw error }
            return try await execute(sql, texts, patience)
        }
    }

    /// Runs a script of statements without parameters and returns the last one's rows.
    ///
    /// A script is one transaction unless it says otherwise (PostgreSQL, "Multiple Statements in a
    /// Simple Query").
    @discardableResult
    package func simple(
        _ sql: String,
        timeout: Duration = defaultTimeout
    ) async throws(PostgresError) -> PostgresRows {
        try await sendSimple(sql, Patience(timeout), Stakes(lossIsDefinite: false, name: "script"))
    }

    /// Whether the connection can run a statement, as far as is known without asking.
    package var isUsable: Bool { handle.isGood }

    /// The process id of the server process behind the connection, 0 when closed.
    package var backendProcessID: Int32 {
        guard let pointer = unsafe handle.pointer else { return 0 }
        return unsafe PQbackendPID(pointer)
    }

    /// Takes the notices and warnings the server sent, the latest hundred.
    package func takeNotices() -> [String] { handle.notices.take() }

    /// Asks the server to stop the running statement, which then fails with SQLSTATE 57014.
    ///
    /// Throws `.connection` when the request could not be delivered. Harmless when nothing runs.
    package func cancel() async throws(PostgresError) {
        let request = unsafe CancelRequest(try handle.claim())
        if let text = await request?.send() {
            throw PostgresError(.connection, "cancelling: \(text)", isDefinite: true)
        }
    }

    /// Closes the connection; an open transaction is rolled back by the server.
    package func close() {
        precondition(handle.loop.isCurrent, "a PostgreSQL connection is closed outside of its loop")
        handle.close()
    }
}

extension PostgresConnection {
    private func execute(
        _ sql: String,
        _ texts: ParameterTexts,
        _ patience: Patience
    ) async throws(PostgresError) -> PostgresRows {
        let statement = try ParameterTexts.terminated(sql, name: "the SQL text")
        let stakes = Stakes(lossIsDefinite: lossIsDefinite(sql), name: "statement")
        switch statements.use(sql) {
        case .unnamed:
            return unsafe try await handle.exchange(patience, stakes) { pointer in
                unsafe texts.withPointers { count, values in
                    unsafe PQsendQueryParams(pointer, statement, count, nil, values, nil, nil, 0)
                }
            }
        case .prepare(let name, let evicted):
            try await prepare(sql, as: name, evicting: evicted, patience)
            return try await executePrepared(name, texts, patience, stakes)
        case .prepared(let name):
            return try await executePrepared(name, texts, patience, stakes)
        }
    }

    /// Prepares a statement under a name, after releasing one that gave way.
    func prepare(
        _ sql: String,
        as name: String,
        evicting evicted: String?,
        _ patience: Patience
    ) async throws(PostgresError) {
        let statement = try ParameterTexts.terminated(sql, name: "the SQL text")
        let harmless = Stakes(lossIsDefinite: true, name: "prepare")
        if let evicted { _ = try await sendSimple("DEALLOCATE \(evicted)", patience, harmless) }
        _ = unsafe try await handle.exchange(patience, harmless) { pointer in
            unsafe PQsendPrepare(pointer, name, statement, 0, nil)
        }
        statements.didPrepare(sql, name: name)
    }

    private func executePrepared(
        _ name: String,
        _ texts: ParameterTexts,
        _ patience: Patience,
        _ stakes: Stakes
    ) async throws(PostgresError) -> PostgresRows {
        unsafe try await handle.exchange(patience, stakes) { pointer in
            unsafe texts.withPointers { count, values in
                unsafe PQsendQueryPrepared(pointer, name, count, values, nil, nil, 0)
            }
        }
    }

    /// Sends text as a simple query message (`Query`).
    func sendSimple(
        _ sql: String,
        _ patience: Patience,
        _ stakes: Stakes
    ) async throws(PostgresError) -> PostgresRows {
        let statement = try ParameterTexts.terminated(sql, name: "the SQL text")
        return unsafe try await handle.exchange(patience, stakes) { pointer in
            unsafe PQsendQuery(pointer, statement)
        }
    }

    /// What libpq knows about the transaction.
    var transactionStatus: PGTransactionStatusType {
        guard let pointer = unsafe handle.pointer else { return PQTRANS_UNKNOWN }
        return unsafe PQtransactionStatus(pointer)
    }

    /// Inside a transaction a lost connection means a rollback, unless the statement ends it.
    private func lossIsDefinite(_ sql: String) -> Bool {
        let status = transactionStatus
        guard status == PQTRANS_INTRANS || status == PQTRANS_INERROR else { return false }
        let word = sql.drop { $0.isWhitespace }.prefix { $0.isLetter }.lowercased()
        return ["select", "insert", "update", "delete", "with", "lock"].contains(word)
    }

    /// Whether a prepared statement must be prepared afresh and can be run again: the server
    /// refused it before running it, outside of a transaction.
    private func isStale(_ error: PostgresError, _ sql: String) -> Bool {
        let isForgotten = error.sqlState == "26000"
        let isOutdated =
            error.sqlState == "0A000" && error.message.contains("cached plan must not change")
        guard isForgotten || isOutdated else { return false }
        statements.forget(sql, released: isForgotten)
        return handle.isGood && transactionStatus == PQTRANS_IDLE
    }
}

extension ParameterTexts {
    /// Calls `body` with the parameters as libpq wants them; the pointers live as long as the call.
    func withPointers(
        _ body: (Int32, UnsafePointer<UnsafePointer<CChar>?>) -> Int32
    ) -> Int32 {
        var flat: [CChar] = []
        flat.reserveCapacity(bytes.reduce(0) { $0 + ($1?.count ?? 0) })
        var offsets: [Int?] = []
        for text in bytes {
            offsets.append(text.map { _ in flat.count })
            if let text { flat.append(contentsOf: text) }
        }
        return unsafe flat.withUnsafeBufferPointer { buffer in
            let base = buffer.baseAddress
            var pointers = unsafe offsets.map { offset in
                unsafe offset.flatMap { unsafe base?.advanced(by: $0) }
            }
            unsafe pointers.append(nil)
            return unsafe pointers.withUnsafeBufferPointer { list in
                guard let first = list.baseAddress else { return 0 }
                return unsafe body(Int32(bytes.count), first)
            }
        }
    }
}

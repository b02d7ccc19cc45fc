import EventLoop
import JSON
import Postgres
import ShopCore
import Synchronization
import Telemetry

/// The books: keeps the balances up with the entries, shows them, and makes them anew.
///
/// ```
/// payments ──trigger──▶ ledger_entries ──fold, twice a second──▶ ledger_balances
///                            └──────── rebuild, when asked ───────────▲
/// ```
final class Ledger: Sendable {
    /// How often entries are taken into the balances.
    static let period: Duration = .milliseconds(500)
    /// Making the balances anew reads every entry.
    private static let patience: Duration = .seconds(60)

    private let context: ServiceContext
    private let keeping = Mutex<Task<Void, any Error>?>(nil)

    init(_ context: ServiceContext) {
        self.context = context
    }

    func begin() {
        // Owned here, cancelled by `stop`.
        let task = context.loop.spawn { [self] in
            while !Task.isCancelled {
                do {
                    try await context.pool.query(
                        LedgerStatements.fold(for: context),
                        [],
                        timeout: ServiceContext.databasePatience
                    )
                } catch {
                    // The entries stay where they are: the next round takes them in.
                    context.logger.debug("the balances wait: \(error)")
                }
                try await context.loop.sleep(for: Self.period)
            }
        }
        keeping.withLock { $0 = task }
    }

    func stop() { keeping.withLock { $0 }?.cancel() }

    var routes: [Route] {
        [
            Route("GET", "/ledger") { [self] _, _ in .document(try await show()) },
            Route("POST", "/ledger/rebuild") { [self] _, _ in
                let before = try await show()
                try await rebuild()
                var document = try await show().objectValue ?? [:]
                document["were_right"] = before["are_right"]
                return .document(.object(document))
            },
        ]
    }

    private func show() async throws -> JSONValue {
        let pool = context.pool
        let rows = try await pool.query(LedgerStatements.show, [], timeout: Self.patience)
        let count = try await pool.query(LedgerStatements.count, [], timeout: Self.patience).first
        var areRight = true
        let accounts = try rows.map { row throws -> JSONValue in
            let (debits, credits) = (try row.int("debits"), try row.int("credits"))
            let isRight =
                try row.int("true_debits") == debits && row.int("true_credits") == credits
            areRight = areRight && isRight
            return [
                "account": .string(try row.string("account")), "debits_cents": .integer(debits),
                "credits_cents": .integer(credits), "balance_cents": .integer(debits - credits),
                "is_right": .bool(isRight),
            ]
        }
        return [
            "accounts": .array(accounts), "are_right": .bool(areRight),
            "entries": .integer(try count?.int("entries") ?? 0),
            "pending": .integer(try count?.int("pending") ?? 0),
        ]
    }

    private func rebuild() async throws {
        try await context.pool.transaction(timeout: Self.patience) { connection in
            try await connection.query(LedgerStatements.lock, [], timeout: Self.patience)
            try await connection.query(LedgerStatements.rebuild, [], timeout: Self.patience)
        }
    }
}

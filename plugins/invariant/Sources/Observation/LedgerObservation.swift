import Postgres

extension Observation {
    /// The books of payments, in the snapshot of the payments.
    struct Ledger: Sendable, Equatable {
        var entries: [Entry] = []
        /// What the balances say.
        var balances: [Balance] = []
        /// What the entries say that the balances claim to have taken in.
        var sums: [Balance] = []

        struct Entry: Sendable, Hashable {
            /// The payment's key.
            var payment: String
            var order: String
            /// `authorisation`, `capture`, `void` or `refund`.
            var kind: String
            var cents: Int64
        }

        struct Balance: Sendable, Hashable {
            var account: String
            var debits: Int64
            var credits: Int64
        }
    }
}

extension ShopObserver {
    func ledger(_ connection: PostgresConnection) async throws -> Observation.Ledger {
        let entries = """
            SELECT payment, order_id, kind, amount_cents FROM ledger_entries ORDER BY id
            """
        let balances = "SELECT account, debits, credits FROM ledger_balances ORDER BY account"
        let sums = """
            SELECT account, sum(debits)::bigint, sum(credits)::bigint FROM (
                SELECT debit AS account, amount_cents AS debits, 0 AS credits
                FROM ledger_entries, ledger_position WHERE transaction < horizon
                UNION ALL
                SELECT credit, 0, amount_cents
                FROM ledger_entries, ledger_position WHERE transaction < horizon
            ) AS side GROUP BY account ORDER BY account
            """
        return Observation.Ledger(
            entries: try await rows(connection, entries).map { row in
                .init(
                    payment: text(row, 0),
                    order: text(row, 1),
                    kind: text(row, 2),
                    cents: try number(row, 3)
                )
            },
            balances: try await self.balances(balances, connection),
            sums: try await self.balances(sums, connection)
        )
    }

    private func balances(
        _ sql: String,
        _ connection: PostgresConnection
    ) async throws -> [Observation.Ledger.Balance] {
        try await rows(connection, sql).map { row in
            .init(account: text(row, 0), debits: try number(row, 1), credits: try number(row, 2))
        }
    }
}

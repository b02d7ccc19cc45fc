import ShopCore

/// The statements of the books in payments-db.
///
/// Entries become visible at the commit and not in the order of their numbers. So the balances take
/// in whole transactions: those below the horizon, below which none is under way any more.
enum LedgerStatements {
    /// Takes the entries between the old horizon and the present one into the balances.
    ///
    /// One row: how many entries there were. The position's row is locked, so that two instances
    /// do not take in the same.
    private static let fold = """
        WITH position AS MATERIALIZED (
            SELECT horizon AS old, pg_snapshot_xmin(pg_current_snapshot()) AS new
            FROM ledger_position FOR UPDATE
        ), due AS MATERIALIZED (
            SELECT debit, credit, amount_cents FROM position, ledger_entries
            WHERE transaction >= old AND transaction < new
        ), moved AS (
            UPDATE ledger_position SET horizon = new FROM position
            WHERE new > old AND EXISTS (SELECT FROM due)
        ), summed AS (
            INSERT INTO ledger_balances AS b (account, debits, credits)
            SELECT account, sum(debits)::bigint, sum(credits)::bigint FROM (
                SELECT debit AS account, amount_cents AS debits, 0 AS credits FROM due
                UNION ALL SELECT credit, 0, amount_cents FROM due
            ) AS side GROUP BY account ORDER BY account
            ON CONFLICT (account) DO UPDATE SET debits = b.debits + excluded.debits,
                credits = b.credits + excluded.credits
        )
        SELECT count(*) AS entries FROM due
        """

    /// `fold`, as the mutants have it that are switched on.
    static func fold(for context: ServiceContext) -> String {
        guard context.has(.balanceByNumber) else { return fold }
        return fold.mutated("pg_snapshot_xmin", to: "pg_snapshot_xmax")
    }

    /// Each account's balance, and what the entries below the horizon say it is.
    static let show = """
        SELECT account, coalesce(b.debits, 0) AS debits, coalesce(b.credits, 0) AS credits,
            coalesce(t.debits, 0) AS true_debits, coalesce(t.credits, 0) AS true_credits
        FROM ledger_balances AS b FULL JOIN (\(truth("ledger_position.horizon"))) AS t
            USING (account)
        ORDER BY account
        """

    /// How many entries there are, and how many of them the balances lack.
    static let count = """
        SELECT count(id) AS entries, count(id) FILTER (WHERE transaction >= horizon) AS pending
        FROM ledger_position LEFT JOIN ledger_entries ON true
        """

    /// Makes the balances anew from the entries; run in one transaction, after `lock`.
    static let rebuild = """
        WITH moved AS (
            UPDATE ledger_position SET horizon = pg_snapshot_xmin(pg_current_snapshot())
        ), gone AS (
            DELETE FROM ledger_balances WHERE account NOT IN (
                SELECT debit FROM ledger_entries UNION SELECT credit FROM ledger_entries
            )
        )
        INSERT INTO ledger_balances (account, debits, credits)
        SELECT account, debits, credits
        FROM (\(truth("pg_snapshot_xmin(pg_current_snapshot())"))) AS t
        ON CONFLICT (account) DO UPDATE SET debits = excluded.debits, credits = excluded.credits
        """

    /// Keeps others from taking entries in.
    static let lock = "SELECT FROM ledger_position FOR UPDATE"

    private static func truth(_ horizon: String) -> String {
        """
        SELECT account, sum(debits)::bigint AS debits, sum(credits)::bigint AS credits FROM (
            SELECT debit AS account, amount_cents AS debits, 0 AS credits
            FROM ledger_entries, ledger_position WHERE transaction < \(horizon)
            UNION ALL
            SELECT credit, 0, amount_cents
            FROM ledger_entries, ledger_position WHERE transaction < \(horizon)
        ) AS side GROUP BY account
        """
    }
}

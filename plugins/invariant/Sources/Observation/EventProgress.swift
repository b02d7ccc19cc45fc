import Postgres

/// How far events have come, in counts: cheap enough to be asked for again and again.
struct EventProgress: Sendable, Equatable {
    /// How many events wait in the outboxes.
    var pending: Int64 = 0
    /// How many of each type must have happened, by the sources' tables.
    var happened: [String: Int64] = [:]
    /// How many of each type the read model noted or parked.
    var noted: [String: Int64] = [:]
    /// How many notifications were sent or parked.
    var told: Int64 = 0

    private static let ends: Set = ["order-confirmed", "order-cancelled", "order-failed"]

    /// Whether nothing is under way any more.
    ///
    /// What came twice makes a count greater: that is for the invariants to say.
    var isAtRest: Bool {
        guard pending == 0 else { return false }
        let ended = happened.filter { Self.ends.contains($0.key) }.values.reduce(0, +)
        return told >= ended && happened.allSatisfy { noted[$0.key, default: 0] >= $0.value }
    }
}

extension ShopObserver {
    /// How far events have come; everything is at rest in a shop without an event side.
    func eventProgress() async throws -> EventProgress {
        var progress = EventProgress()
        guard hasEvents else { return progress }
        try await count(in: .orders, in: &progress.happened, by: "order_history", "order-")
        try await count(in: .inventory, in: &progress.happened, by: "reservations", "stock-")
        try await count(in: .payments, in: &progress.happened, by: "payments", "payment-")
        progress.happened["order-placed"] = progress.happened.removeValue(forKey: "order-pending")
        progress.happened["stock-held"] = nil
        progress.happened["payment-pending"] = nil
        for source in [Source.orders, .inventory, .payments] {
            progress.pending += try await connected(to: source) { connection in
                try await single("SELECT count(*) FROM event_outbox", connection)
            }
        }
        progress.noted = try await connected(to: .projector) { connection in
            try await counts(
                """
                SELECT type, sum(events)::bigint FROM (
                    SELECT type, events FROM dashboard
                    UNION ALL SELECT type, 1 FROM dead_letters WHERE replayed_at IS NULL
                ) AS noted GROUP BY type
                """,
                connection
            )
        }
        progress.told = try await connected(to: .notifications) { connection in
            try await single(
                """
                SELECT (SELECT count(*) FROM notifications)
                    + (SELECT count(*) FROM dead_letters WHERE replayed_at IS NULL)
                """,
                connection
            )
        }
        return progress
    }

    /// How many entries of the books are not in the balances yet.
    func unfoldedEntries() async throws -> Int64 {
        try await connected(to: .payments) { connection in
            try await single(
                """
                SELECT count(*) FROM ledger_entries, ledger_position WHERE transaction >= horizon
                """,
                connection
            )
        }
    }

    private func count(
        in source: Source,
        in counts: inout [String: Int64],
        by table: String,
        _ prefix: String
    ) async throws {
        let sql = "SELECT '\(prefix)' || state, count(*) FROM \(table) GROUP BY state"
        let found = try await connected(to: source) { try await self.counts(sql, $0) }
        counts.merge(found) { $1 }
    }

    private func counts(
        _ sql: String,
        _ connection: PostgresConnection
    ) async throws -> [String: Int64] {
        var counts: [String: Int64] = [:]
        for row in try await rows(connection, sql) { counts[text(row, 0)] = try number(row, 1) }
        return counts
    }

    private func single(_ sql: String, _ connection: PostgresConnection) async throws -> Int64 {
        guard let row = try await rows(connection, sql).first else { return 0 }
        return try number(row, 0)
    }
}

import JSON
import LinuxSystem
import Postgres

/// Compares what was sent with what had an effect, account by account.
struct Verification {
    private let stage: Stage

    init(_ stage: Stage) {
        self.stage = stage
    }

    func report(sums path: String) async throws -> JSONObject {
        let sent = String(decoding: try SystemFiles.read(path), as: UTF8.self)
        let connection = try await stage.connect("ledger")
        defer { connection.close() }
        let rows = try await connection.query(
            """
            SELECT account, count(*) AS count, sum(cents) AS cents FROM entries
            GROUP BY account ORDER BY account
            """,
            timeout: .seconds(120)
        )
        var had: [Substring] = []
        for row in rows {
            had.append("\(try row.int("account")) \(try row.int("count")) \(try row.int("cents"))")
        }
        let lines = sent.split(separator: "\n").filter { !$0.contains(" 0 0") }
        return [
            "accounts": .integer(Int64(lines.count)),
            "accounts_wrong": .integer(Int64(Set(lines).symmetricDifference(had).count)),
            "effects": .integer(try await stage.number("ledger", "SELECT count(*) FROM entries")),
            "log_rows": .integer(
                try await stage.number("broker", "SELECT count(*) FROM broker_log")
            ),
            "logged": .integer(
                try await stage.number("broker", "SELECT sum(next_offset) FROM broker_partitions")
            ),
            "inbox_rows": .integer(try await stage.number("ledger", "SELECT count(*) FROM inbox")),
        ]
    }
}

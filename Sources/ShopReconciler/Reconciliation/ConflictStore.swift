import EventLoop
import JSON
import Postgres
import ShopCore

/// The conflicts and how far each pass has come, in reconciler-db.
struct ConflictStore: Sendable {
    /// The most conflicts in one answer.
    static let listMax = 500
    private static let patience = ServiceContext.databasePatience

    private let pool: PostgresPool
    private let holder: String
    private let pace: ReconcilerPace

    init(_ context: ServiceContext, _ pace: ReconcilerPace) {
        pool = context.pool
        holder = "\(context.configuration.name)/\(UUIDText.random())"
        self.pace = pace
    }

    /// The two ways through all orders.
    enum Pass: String, Sendable {
        /// Every order once, soon after it was placed.
        case fresh
        /// All orders again and again, without haste.
        case sweep
    }

    /// A finding that is on record.
    struct Noted: Sendable {
        var finding: Finding
        var ageMilliseconds: Int64
        var repairs: Int64
    }

    /// Whether this instance may reconcile now; of several one does.
    func holdsLease() async throws -> Bool {
        let milliseconds = max(15_000, pace.idle.nanosecondsClamped / 1_000_000 * 3)
        return try await !query(
            ConflictStatements.lease,
            [.string(holder), .int(milliseconds)]
        ).isEmpty
    }

    /// The number of the last order that a pass has seen.
    func position(_ pass: Pass) async throws -> String {
        try await query(ConflictStatements.position, [.string(pass.rawValue)]).first
            .map { row throws in try row.string("after") } ?? StatementDesk.first
    }

    func move(_ pass: Pass, to order: String) async throws {
        _ = try await query(ConflictStatements.move, [.string(pass.rawValue), .string(order)])
    }

    /// Orders that are to be looked at again.
    func due(atMost count: Int) async throws -> [String] {
        try await query(ConflictStatements.due, [.int(Int64(count))])
            .map { row throws in try row.string("order_id") }
    }

    /// Notes what was found of the orders that were looked at, and closes what is there no more.
    func note(
        _ findings: [Finding],
        lookedAt: [String],
        open: [String],
        undecided: [Finding.Kind]
    ) async throws -> [Noted] {
        guard !lookedAt.isEmpty else { return [] }
        let rows = try await query(
            ConflictStatements.note,
            [
                .strings(lookedAt), .strings(findings.map(\.order)),
                .strings(findings.map(\.kind.rawValue)), .strings(findings.map(\.detail)),
                .strings(findings.map { $0.rule?.name }), .strings(open),
                .strings(undecided.map(\.rawValue)),
                .int(pace.idle.nanosecondsClamped / 1_000_000),
            ]
        )
        return try rows.compactMap { row throws -> Noted? in
            let (order, kind) = (try row.string("order_id"), try row.string("kind"))
            guard
                let finding = findings.first(where: {
                    $0.order == order && $0.kind.rawValue == kind
                })
            else { return nil }
            return Noted(
                finding: finding,
                ageMilliseconds: try row.int("age_ms"),
                repairs: try row.int("repairs")
            )
        }
    }

    /// Notes that a repair was tried, and what failed.
    func tried(_ finding: Finding, failure: String?) async throws {
        _ = try await query(
            ConflictStatements.tried,
            [
                .string(finding.order), .string(finding.kind.rawValue),
                failure.map { .string($0) }, .int(pace.idle.nanosecondsClamped / 1_000_000),
            ]
        )
    }

    /// What is shown to people.
    func list(all: Bool) async throws -> JSONValue {
        let rows = try await query(
            ConflictStatements.list,
            [.bool(all), .int(Int64(Self.listMax))]
        )
        let conflicts = try rows.map { row throws -> JSONValue in
            var object: JSONObject = [
                "order": .string(try row.string("order_id")),
                "kind": .string(try row.string("kind")),
                "state": .string(try row.string("state")),
                "detail": .string(try row.string("detail")),
                "since": .string(try row.string("first_seen_at")),
                "repairs": .integer(try row.int("repairs")),
            ]
            for (name, column) in [
                ("rule", "rule"), ("failure", "failure"), ("closed", "closed_at"),
            ] {
                object[name] = try row.stringOrNil(column).map { .string($0) }
            }
            return .object(object)
        }
        return [
            "conflicts": .array(conflicts),
            "looked_at_until": .string(try await position(.fresh)),
        ]
    }

    private func query(_ sql: String, _ parameters: [PostgresValue?]) async throws -> PostgresRows {
        try await pool.query(sql, parameters, timeout: Self.patience)
    }
}

import ChaosModel
import EventLoop
import JSON
import LinuxSystem
import Postgres

/// `chaos shop trace`: one order's story across all services, from their databases and logs, in the
/// order of time.
struct ShopTrace {
    private static let patience: Duration = .seconds(5)

    /// One thing that happened.
    struct Entry {
        /// As RFC 3339, in UTC, with microseconds.
        var at: String
        var service: String
        var text: String
    }

    /// What a service's database knows of an order $1: `at` and `text`, one row for each thing.
    private static let questions: [(service: String, sql: String)] = [
        (
            "orders",
            """
            SELECT at, 'order is ' || state AS text FROM order_history WHERE order_id = $1::uuid
            UNION ALL
            SELECT sent_at, type || ' answered after ' || attempts ||
                CASE attempts WHEN 1 THEN ' attempt' ELSE ' attempts' END
            FROM outbox WHERE order_id = $1::uuid AND sent_at IS NOT NULL
            UNION ALL
            SELECT next_attempt_at, type || ' is not answered yet, attempt ' || attempts ||
                ' is under a lease until now'
            FROM outbox WHERE order_id = $1::uuid AND sent_at IS NULL
            UNION ALL
            SELECT created_at, 'order belongs to trace ' || substr(trace, 4, 32)
            FROM orders WHERE id = $1::uuid AND trace IS NOT NULL
            UNION ALL
            SELECT at, action || ' decided by ' || author || ': ' || reason
            FROM saga_resolutions WHERE order_id = $1::uuid
            """
        ),
        (
            "inventory",
            """
            SELECT created_at AS at, quantity || ' × ' || sku || ' reserved' AS text
            FROM reservations WHERE order_id = $1::uuid
            UNION ALL
            SELECT updated_at, 'reservation is ' || state FROM reservations
            WHERE order_id = $1::uuid AND state <> 'held'
            """
        ),
        (
            "payments",
            """
            SELECT created_at AS at, 'intent to charge ' || amount_cents || ' cents under key '
                || idempotency_key AS text
            FROM payments WHERE order_id = $1::uuid
            UNION ALL
            SELECT updated_at, 'payment is ' || state || coalesce(', charge ' || charge_id, '')
                || coalesce(', refund ' || refund_id, '')
            FROM payments WHERE order_id = $1::uuid AND state <> 'pending'
            """
        ),
        (
            "processor",
            """
            SELECT created_at AS at, 'card charged ' || amount_cents || ' cents, charge ' || id
                AS text
            FROM charges WHERE order_id = $1::uuid
            UNION ALL
            SELECT created_at, amount_cents || ' cents given back, refund ' || id || ' of charge '
                || charge_id
            FROM refunds WHERE order_id = $1::uuid
            """
        ),
    ]

    private let system: SystemDescription
    private let isJSON: Bool

    init(_ system: SystemDescription, isJSON: Bool) {
        self.system = system
        self.isJSON = isJSON
    }

    /// Prints the story; throws `Failure` when no database knows the order.
    func show(order: String) async throws -> Int32 {
        var entries: [Entry] = []
        for (service, sql) in Self.questions {
            entries += try await ask(service, sql, [.string(order)])
        }
        guard !entries.isEmpty else {
            throw Failure(
                "no service knows an order \(order). 'chaos shop saga list' shows those on their "
                    + "way; every placement answers with its order.",
                status: ExitStatus.usage
            )
        }
        entries += try await events(of: order)
        entries += logged(order, trace: try await trace(of: order))
        entries.sort { $0.at < $1.at }
        if isJSON {
            let list = entries.map { entry -> JSONValue in
                [
                    "at": .string(entry.at), "service": .string(entry.service),
                    "text": .string(entry.text),
                ]
            }
            Console.answer(JSONValue.array(list).serialized(pretty: true))
        } else {
            for entry in entries {
                let time = entry.at.dropFirst("2026-01-01T".count).dropLast()
                Console.answer("\(time)  \(entry.service.padding(to: 13)) \(entry.text)")
            }
        }
        return ExitStatus.held
    }

    /// A service's part of the story, by a query that returns `at` and `text`.
    func ask(
        _ service: String,
        _ sql: String,
        _ parameters: [PostgresValue?]
    ) async throws -> [Entry] {
        let time = #"to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"#
        let rows = try await rows(
            service,
            "SELECT \(time) AS time, text FROM (\(sql)) AS story",
            parameters
        )
        return try rows.map { row throws in
            Entry(at: try row.string("time"), service: service, text: try row.string("text"))
        }
    }

    /// What a database answers; nothing when the shop does without it.
    func rows(
        _ service: String,
        _ sql: String,
        _ parameters: [PostgresValue?]
    ) async throws -> [PostgresRow] {
        guard let observer = system.databases.first(where: { $0.service == service })?.observer
        else { return [] }
        let connection = try await PostgresConnection.connect(observer, timeout: Self.patience)
        defer { connection.close() }
        return Array(try await connection.query(sql, parameters, timeout: Self.patience))
    }

    /// The id of the trace in which the order was placed.
    private func trace(of order: String) async throws -> String? {
        let sql = "SELECT substr(trace, 4, 32) AS id FROM orders WHERE id = $1::uuid"
        return try await rows("orders", sql, [.string(order)]).first?.stringOrNil("id")
    }

    /// What the services wrote about the order, or in its trace.
    private func logged(_ order: String, trace: String?) -> [Entry] {
        guard let folder = system.directory.map({ $0 + "/logs" }) else { return [] }
        let files = (try? SystemFiles.list(folder)) ?? []
        return files.filter { $0.hasSuffix(".log") }.flatMap { file -> [Entry] in
            let text = String(
                decoding: (try? SystemFiles.read("\(folder)/\(file)")) ?? [],
                as: UTF8.self
            )
            let lines = text.split(separator: "\n").filter { line in
                line.contains(order) || trace.map { line.contains($0) } == true
            }
            return lines.compactMap { line in
                guard let entry = try? JSONValue.parse(String(line)),
                    let at = entry["ts"]?.stringValue, let message = entry["msg"]?.stringValue
                else { return nil }
                return Entry(
                    at: at,
                    service: String(file.dropLast(".log".count)),
                    text: "log: \(message)"
                )
            }
        }
    }
}

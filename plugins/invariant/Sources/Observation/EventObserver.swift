import ChaosModel
import Postgres

// Reading the event side. Whatever grows with the number of events is grouped by order in the
// database, so that a long run's log comes as one row for each order.

extension ShopObserver {
    /// What consumers made of the events; `nil` for a shop without an event side.
    func effects() async throws -> Observation.Events? {
        guard hasEvents else { return nil }
        var events = Observation.Events()
        try await snapshot(of: .projector) { connection in
            events.views = try await views(connection)
            events.moments = try await moments(connection)
            events.totals = try await totals(connection)
            events.dashboard = try await rows(connection, "SELECT type, events FROM dashboard")
                .map { row in .init(type: text(row, 0), events: try number(row, 1)) }
            try await consumption(of: .projector, connection, &events)
        }
        try await snapshot(of: .notifications) { connection in
            let sql = "SELECT order_id, outcome, \(Self.time("sent_at")) FROM notifications"
            events.notifications = try await rows(connection, sql + " ORDER BY id").map { row in
                .init(order: text(row, 0), outcome: text(row, 1), at: text(row, 2))
            }
            try await consumption(of: .notifications, connection, &events)
        }
        return events
    }

    /// What is in a source's outbox; read in the snapshot of its state.
    func pending(
        _ topic: Source,
        _ connection: PostgresConnection
    ) async throws -> [Observation.Events.Pending] {
        guard hasEvents else { return [] }
        let sql = "SELECT key, type, \(Self.time("at")) FROM event_outbox ORDER BY sequence"
        return try await rows(connection, sql).map { row in
            .init(topic: topic.rawValue, order: text(row, 0), type: text(row, 1), at: text(row, 2))
        }
    }

    /// The broker's log; `nil` when the events went another way.
    func log(beside events: Observation.Events) async throws -> Observation.Events.Log? {
        guard observers[.broker] != nil else { return nil }
        return try await snapshot(of: .broker) { connection in
            let known = try await rows(connection, "SELECT to_regclass('broker_log')")
            guard known.first?.text(at: 0) != nil else { return nil }
            let trails = try await trails(connection)
            guard !trails.isEmpty || events.moments.isEmpty else { return nil }
            return .init(
                partitions: try await partitions(connection),
                trails: trails,
                tenures: try await tenures(connection)
            )
        }
    }

    private func views(
        _ connection: PostgresConnection
    ) async throws -> [Observation.Events.View] {
        let sql = """
            SELECT order_id, customer, sku, quantity, amount_cents, state, version, reason
            FROM order_views
            """
        return try await rows(connection, sql).map { row in
            .init(
                order: text(row, 0),
                customer: text(row, 1),
                sku: text(row, 2),
                quantity: try number(row, 3),
                cents: try number(row, 4),
                state: text(row, 5),
                version: try number(row, 6),
                reason: row.text(at: 7)
            )
        }
    }

    private func moments(
        _ connection: PostgresConnection
    ) async throws -> [Observation.Events.Moment] {
        let sql = "SELECT order_id, type, count(*) FROM order_moments GROUP BY order_id, type"
        return try await rows(connection, sql).map { row in
            .init(order: text(row, 0), type: text(row, 1), count: try number(row, 2))
        }
    }

    private func totals(
        _ connection: PostgresConnection
    ) async throws -> [Observation.Events.Total] {
        let sql = """
            SELECT customer, placed, confirmed, cancelled, spent_cents FROM customer_totals
            ORDER BY customer
            """
        return try await rows(connection, sql).map { row in
            .init(
                customer: text(row, 0),
                placed: try number(row, 1),
                confirmed: try number(row, 2),
                cancelled: try number(row, 3),
                spentCents: try number(row, 4)
            )
        }
    }

    /// Dead letters and positions of a consumer.
    private func consumption(
        of consumer: Source,
        _ connection: PostgresConnection,
        _ events: inout Observation.Events
    ) async throws {
        let letters = """
            SELECT key, type, tries, reason, replayed_at IS NOT NULL FROM dead_letters ORDER BY id
            """
        events.deadLetters += try await rows(connection, letters).map { row in
            .init(
                consumer: consumer.rawValue,
                order: text(row, 0),
                type: text(row, 1),
                tries: try number(row, 2),
                reason: text(row, 3),
                isReplayed: text(row, 4) == "t"
            )
        }
        let positions = "SELECT topic, partition, next_offset FROM consumer_offsets ORDER BY 1, 2"
        events.positions += try await rows(connection, positions).map { row in
            .init(
                consumer: consumer.rawValue,
                topic: text(row, 0),
                partition: try number(row, 1),
                next: try number(row, 2)
            )
        }
    }

    private func partitions(
        _ connection: PostgresConnection
    ) async throws -> [Observation.Events.Partition] {
        let sql = """
            SELECT topic, partition, p.next_offset, coalesce(l.number, 0), l.first, l.last
            FROM broker_partitions AS p LEFT JOIN (
                SELECT topic, partition, count(*) AS number, min(log_offset) AS first,
                    max(log_offset) AS last
                FROM broker_log GROUP BY topic, partition
            ) AS l USING (topic, partition)
            ORDER BY topic, partition
            """
        return try await rows(connection, sql).map { row in
            .init(
                topic: text(row, 0),
                number: try number(row, 1),
                end: try number(row, 2),
                count: try number(row, 3),
                first: row.text(at: 4).flatMap { Int64($0) },
                last: row.text(at: 5).flatMap { Int64($0) }
            )
        }
    }

    /// One row for each order and topic.
    private func trails(
        _ connection: PostgresConnection
    ) async throws -> [Observation.Events.Trail] {
        let sql = """
            SELECT topic, key, string_agg(type, ',' ORDER BY first),
                string_agg(DISTINCT partition::text, ','), sum(copies - 1)::bigint
            FROM (
                SELECT topic, key, type, min(partition) AS partition, min(log_offset) AS first,
                    count(*) AS copies
                FROM broker_log GROUP BY topic, key, id, type
            ) AS event
            GROUP BY topic, key
            """
        return try await rows(connection, sql).map { row in
            .init(
                topic: text(row, 0),
                order: text(row, 1),
                types: text(row, 2).split(separator: ",").map(String.init),
                partitions: text(row, 3).split(separator: ",").compactMap { Int64($0) },
                repeats: try number(row, 4)
            )
        }
    }

    /// Where in each partition the token changes.
    private func tenures(
        _ connection: PostgresConnection
    ) async throws -> [Observation.Events.Tenure] {
        let sql = """
            SELECT topic, partition, token, log_offset, key, \(Self.time("published_at"))
            FROM (
                SELECT *, lag(token) OVER (PARTITION BY topic, partition ORDER BY log_offset)
                    AS before
                FROM broker_log
            ) AS entry
            WHERE before IS DISTINCT FROM token ORDER BY topic, partition, log_offset
            """
        return try await rows(connection, sql).map { row in
            .init(
                topic: text(row, 0),
                partition: try number(row, 1),
                token: try number(row, 2),
                first: try number(row, 3),
                order: text(row, 4),
                at: text(row, 5)
            )
        }
    }
}

import ChaosPluginAPI
import EventLoop
import JSON
import Postgres

/// Waits until no order is under way, every event has had its effect and the balances have every
/// entry: `true` in time, `false` when the time is over.
struct SettledProbe: Probe {
    /// How long to wait between two looks.
    static let period = Duration.milliseconds(100)

    func read(_ context: StepContext) async throws -> JSONValue {
        let within = context.arguments["within"]?.doubleValue ?? 30_000
        let limit = Loop.monotonicNanoseconds() + Int64(within * 1_000_000)
        let observer = try ShopObserver(context)
        let areOrdersOver = try await observer.connected(to: .orders) { connection in
            try await wait(until: limit) { try await !isUnderWay(connection) }
        }
        guard areOrdersOver else { return false }
        return .bool(
            try await wait(until: limit) {
                guard try await observer.unfoldedEntries() == 0 else { return false }
                return try await observer.eventProgress().isAtRest
            }
        )
    }

    private func wait(
        until limit: Int64,
        _ isOver: () async throws -> Bool
    ) async throws -> Bool {
        while try await !isOver() {
            guard Loop.monotonicNanoseconds() < limit else { return false }
            try await pause()
        }
        return true
    }

    private func isUnderWay(_ connection: PostgresConnection) async throws -> Bool {
        let rows = try await connection.query(
            """
            SELECT EXISTS (
                SELECT FROM orders WHERE state NOT IN ('confirmed', 'cancelled')
            ) AS under_way
            """
        )
        return try rows.first?.bool("under_way") ?? false
    }

    private func pause() async throws {
        guard let loop = Loop.current else {
            preconditionFailure("a probe is read outside of a loop")
        }
        try await loop.sleep(for: Self.period)
    }
}

package import ChaosPluginAPI

/// What a load came to, all phases together.
package struct LoadReport: Sendable, Equatable {
    package var operations: [Operation]
    /// How late the generator itself was, in milliseconds.
    package var lagP50: Double
    package var lagP99: Double
    package var lagMax: Double
    /// Arrivals that failed because the generator could not carry them.
    package var saturated: Int

    package struct Operation: Sendable, Equatable {
        package var name: String
        package var planned: Int
        package var counts: OperationCounts
        /// Milliseconds from the planned start, of all that ended; `nil` when none did.
        package var p50: Double?
        package var p90: Double?
        package var p99: Double?
        package var p999: Double?
        package var max: Double?
    }

    /// Whether the generator kept its plan, so that the latencies are the system's and not its own:
    /// p99 of its lag is at most 10 ms and nothing was saturated.
    package var isSound: Bool { lagP99 <= 10 && saturated == 0 }

    /// A table for people.
    package var lines: [String] {
        let head = Self.row(
            "operation",
            ["planned", "ok", "fail", "info", "p50 ms", "p90", "p99", "p99.9", "max"]
        )
        let rows = operations.map { operation in
            Self.row(
                operation.name,
                [
                    operation.planned, operation.counts.ok, operation.counts.fail,
                    operation.counts.info,
                ]
                .map(String.init)
                    + [operation.p50, operation.p90, operation.p99, operation.p999, operation.max]
                    .map { $0.map(Self.number) ?? "-" }
            )
        }
        let lag =
            "generator lag: p50 \(Self.number(lagP50)) ms, p99 \(Self.number(lagP99)) ms, "
            + "max \(Self.number(lagMax)) ms; saturated: \(saturated)"
        return [head] + rows + [lag]
    }

    private static func row(_ name: String, _ cells: [String]) -> String {
        let padded = cells.map { String(repeating: " ", count: max(0, 9 - $0.count)) + $0 }
        return name + String(repeating: " ", count: max(1, 12 - name.count)) + padded.joined()
    }

    /// One decimal.
    private static func number(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}

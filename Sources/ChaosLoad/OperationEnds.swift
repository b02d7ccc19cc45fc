import ChaosJournal
import ChaosModel

/// Sees to it that each operation of one arrival ends exactly once; confined to the driver's loop.
///
/// `@unchecked Sendable` because only the arrival's task, which runs on that loop, holds it.
final class OperationEnds: @unchecked Sendable {
    private let driver: LoadDriver
    private let number: Int
    private let key: String
    let phase: ProbePhase?
    let planned: Int64
    private var open: [String]

    init(
        driver: LoadDriver,
        _ number: Int,
        _ key: String,
        _ phase: ProbePhase?,
        _ planned: Int64,
        _ operations: [String]
    ) {
        self.driver = driver
        self.number = number
        self.key = key
        self.phase = phase
        self.planned = planned
        open = operations
    }

    /// An operation ended; a second end of the same one is ignored.
    func end(_ end: OperationEnd) {
        guard let index = open.firstIndex(of: end.operation) else { return }
        open.remove(at: index)
        driver.count(end, of: self, isBegun: true)
    }

    /// Ends what is still open.
    func endAll(_ kind: OperationEnd.Kind, _ detail: String, isBegun: Bool) {
        let rest = open
        open = []
        for operation in rest {
            let end = OperationEnd(operation: operation, kind: kind, detail: detail)
            driver.count(end, of: self, isBegun: isBegun)
        }
    }

    /// Writes a line of the history; `latency` in nanoseconds.
    func emit(
        _ kind: ClientOperation.Kind,
        _ operation: String,
        _ end: OperationEnd? = nil,
        _ latency: Int64? = nil
    ) {
        driver.emit(
            ClientOperation(
                arrival: number,
                operation: operation,
                kind: kind,
                key: key,
                order: end?.order,
                status: end?.status,
                latencyMilliseconds: latency.map { Double($0 / 1000) / 1000 },
                detail: end?.detail
            )
        )
    }
}

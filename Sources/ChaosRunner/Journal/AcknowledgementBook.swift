import ChaosJournal
import ChaosModel
import ChaosPluginAPI
import EventLoop
import Synchronization

/// Remembers which placements clients were told had succeeded, for invariants about the history.
final class AcknowledgementBook: HistorySource {
    /// More than any run of this size places; beyond it the oldest are kept.
    static let entriesMax = 2_000_000

    private let entries = Mutex<[OrderAcknowledgement]>([])

    /// Notes an operation when it is an acknowledged placement.
    func take(_ operation: ClientOperation) {
        guard operation.operation == "placement", operation.kind == .ok,
            let order = operation.order
        else { return }
        let at = Timestamp(microseconds: Loop.wallMicroseconds())
        entries.withLock { entries in
            guard entries.count < Self.entriesMax else { return }
            entries.append(OrderAcknowledgement(order: order, key: operation.key, at: at))
        }
    }

    func acknowledgedOrders() -> [OrderAcknowledgement] { entries.withLock { $0 } }
}

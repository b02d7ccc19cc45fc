import ChaosJournal
import ChaosModel
import ChaosPluginAPI
import EventLoop
import Synchronization

/// Remembers what clients were told, for invariants about the history.
final class ReplyBook: HistorySource {
    /// More than any run of this size has; beyond it the oldest are kept.
    static let entriesMax = 2_000_000

    private let entries = Mutex<[ClientReply]>([])

    /// Notes an operation that has ended.
    func take(_ operation: ClientOperation) {
        guard let kind = ClientReply.Kind(operation.kind) else { return }
        let reply = ClientReply(
            operation: operation.operation,
            kind: kind,
            key: operation.key,
            order: operation.order,
            status: operation.status,
            detail: operation.detail,
            at: Timestamp(microseconds: Loop.wallMicroseconds())
        )
        entries.withLock { entries in
            guard entries.count < Self.entriesMax else { return }
            entries.append(reply)
        }
    }

    func replies() -> [ClientReply] { entries.withLock { $0 } }
}

extension ClientReply.Kind {
    fileprivate init?(_ kind: ClientOperation.Kind) {
        switch kind {
        case .invoke: return nil
        case .ok: self = .ok
        case .fail: self = .fail
        case .info: self = .info
        }
    }
}

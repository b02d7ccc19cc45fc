import Synchronization

/// Keeps memory, so that the bound on it can be seen at work.
final class Hoard: Sendable {
    private let kept = Mutex<[[UInt8]]>([])

    func add(_ byteCount: Int) {
        kept.withLock { $0.append([UInt8](repeating: 1, count: byteCount)) }
    }
}

import Synchronization

/// A number that tasks and timers count up.
final class Counter: Sendable {
    private let number = Mutex(0)
    var value: Int { number.withLock { $0 } }
    func add(_ amount: Int = 1) { number.withLock { $0 += amount } }
}

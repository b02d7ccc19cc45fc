import Synchronization

/// Lets at most so many requests in at once and turns the others away at the door.
package final class Bulkhead: Sendable {
    /// The most that may be inside.
    package let limit: Int
    private let inside = Mutex(0)

    package init(limit: Int) {
        precondition(limit >= 1, "a bulkhead of nothing lets nobody in")
        self.limit = limit
    }

    /// How many are inside now.
    package var count: Int { inside.withLock { $0 } }

    /// Runs the body inside, or returns `nil` at once when it is full.
    package func enter<T>(_ body: () async throws -> T) async rethrows -> T? {
        let admitted = inside.withLock { count in
            guard count < limit else { return false }
            count += 1
            return true
        }
        guard admitted else { return nil }
        defer { inside.withLock { $0 -= 1 } }
        return try await body()
    }
}

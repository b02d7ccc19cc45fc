import Synchronization

/// Spans that are over and not yet sent: bounded, and never waited for.
package final class SpanQueue: Sendable {
    private struct State {
        var spans: [Span] = []
        var isOpen = true
        var onBatch: (@Sendable () -> Void)?
    }

    /// The most spans that wait; further ones are dropped and counted.
    package let limit: Int
    /// So many spans are worth a request.
    package let batch: Int
    private let dropped: Counter
    private let state = Mutex(State())

    package init(limit: Int, batch: Int, dropped: Counter) {
        precondition(limit >= 1 && batch >= 1, "a queue for nothing keeps nothing")
        self.limit = limit
        self.batch = batch
        self.dropped = dropped
    }

    /// Has `body` called, from any thread, whenever a batch is there.
    package func onBatch(_ body: @escaping @Sendable () -> Void) {
        state.withLock { $0.onBatch = body }
    }

    /// Takes a span, or drops it when there is no room; never waits for anybody.
    package func add(_ span: Span) {
        let onBatch: (@Sendable () -> Void)? = state.withLock { state in
            guard state.isOpen, state.spans.count < limit else {
                dropped.add()
                return nil
            }
            state.spans.append(span)
            return state.spans.count == batch ? state.onBatch : nil
        }
        onBatch?()
    }

    /// Everything that waits.
    package func take() -> [Span] {
        state.withLock { state in
            defer { state.spans = [] }
            return state.spans
        }
    }

    /// How many spans wait.
    package var count: Int { state.withLock { $0.spans.count } }

    /// Drops what comes from now on.
    package func close() { state.withLock { $0.isOpen = false } }
}

/// Something that happens once on a loop, and the tasks that wait for it.
///
/// Any number of tasks may wait; each can be cancelled alone. Waiting after it happened ends at
/// once.
// Unchecked: every member is touched on the loop's thread only.
package final class OneTimeEvent: @unchecked Sendable {
    private let loop: Loop
    private var sleepers: [Sleeper] = []
    /// Whether `happen` was called; on the loop.
    package private(set) var hasHappened = false

    package init(on loop: Loop) {
        self.loop = loop
    }

    /// Resumes everybody who waits; harmless when it happened already; on the loop.
    package func happen() {
        assert(loop.isCurrent, "an event happens on its loop's thread")
        hasHappened = true
        let waiting = sleepers
        sleepers = []
        for sleeper in waiting {
            if let timer = sleeper.timer { loop.cancel(timer) }
            sleeper.resume(throwing: nil)
        }
    }

    /// Waits until it happens; on the loop.
    ///
    /// Throws `CancellationError` when the task is cancelled, `SystemError` (ECANCELED) when the
    /// loop is stopped.
    package func wait() async throws {
        guard !hasHappened else { return }
        let sleeper = Sleeper()
        sleepers.append(sleeper)
        defer { sleepers.removeAll { $0 === sleeper } }
        try await loop.sleep(sleeper, for: .seconds(Int64.max)) { self.hasHappened }
    }
}

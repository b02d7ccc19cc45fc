package import ChaosJournal
import ChaosModel
import EventLoop
import LinuxSystem
import Synchronization

/// The one writer of a run's journal: gives each event its number and time, and keeps their order.
///
/// ```
/// write ────────▶ number, time ─▶ bytes ─▶ file                (flushed with every event)
/// writeDurably ─▶ … ─▶ file ─▶ fsync                           (faults, the end)
/// enqueue ──────▶ … ─▶ memory ─▶ file, at most 50 ms later     (the clients' operations)
/// ```
///
/// May be called from any thread; a lock keeps number, time and place in the file in one order.
package final class JournalWriter: Sendable {
    fileprivate struct State {
        let file: AppendFile
        var sequence = 0
        var pending: [UInt8] = []
        var failure: (any Error)?
        var isClosed = false
    }

    /// How long an enqueued event may wait for its flush.
    static let delayMax = Duration.milliseconds(50)
    /// How much may wait in memory.
    static let pendingMax = 256 * 1024

    /// Monotonic nanoseconds at which the run began.
    package let start: Int64
    private let state: Mutex<State>
    private let failed: @Sendable (any Error) -> Void

    /// Opens the file for appending.
    ///
    /// `failed` is called once, when a write fails for the first time: a run that cannot be
    /// recorded must end. Errors: the file cannot be made.
    package init(path: String, failed: @escaping @Sendable (any Error) -> Void) throws {
        start = Loop.monotonicNanoseconds()
        state = Mutex(State(file: try AppendFile(path)))
        self.failed = failed
    }

    /// Appends an event; it is in the file when this returns.
    package func write(_ payload: JournalEvent.Payload) {
        append(payload) { try $0.flush() }
    }

    /// Appends an event; it survives a power cut when this returns.
    package func writeDurably(_ payload: JournalEvent.Payload) {
        append(payload) { state in
            try state.flush()
            try state.file.sync()
        }
    }

    /// Appends an event of which there are many; it is in the file within `delayMax` of a flush.
    package func enqueue(_ payload: JournalEvent.Payload) {
        append(payload) { state in
            if state.pending.count > Self.pendingMax { try state.flush() }
        }
    }

    /// Brings everything that waits into the file.
    package func flush() {
        attempt { try $0.flush() }
    }

    /// Flushes, syncs and takes no more events.
    package func close() {
        attempt { state in
            try state.flush()
            try state.file.sync()
            state.isClosed = true
        }
    }

    /// Flushes every `delayMax` until cancelled.
    func keepFlushing(on loop: Loop) async throws {
        while true {
            try await loop.sleep(for: Self.delayMax)
            flush()
        }
    }

    /// Seconds since the run began.
    package var elapsed: Double { Double(Loop.monotonicNanoseconds() - start) / 1e9 }

    private func append(
        _ payload: JournalEvent.Payload,
        _ then: (inout State) throws -> Void
    ) {
        attempt { state in
            guard !state.isClosed else { return }
            state.sequence += 1
            let event = JournalEvent(
                sequence: state.sequence,
                at: Timestamp(microseconds: Loop.wallMicroseconds()),
                elapsed: elapsed,
                payload: payload
            )
            state.pending.append(contentsOf: event.line())
            try then(&state)
        }
    }

    private func attempt(_ body: (inout State) throws -> Void) {
        let error: (any Error)? = state.withLock { state in
            guard state.failure == nil else { return nil }
            do {
                try body(&state)
                return nil
            } catch {
                state.failure = error
                return error
            }
        }
        if let error { failed(error) }
    }
}

extension JournalWriter.State {
    mutating func flush() throws {
        guard !pending.isEmpty else { return }
        try file.append(pending)
        pending.removeAll(keepingCapacity: true)
    }
}

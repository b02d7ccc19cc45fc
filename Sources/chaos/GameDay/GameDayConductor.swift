import ChaosGameDay
import ChaosModel
import EventLoop
import LinuxSystem
import Synchronization

/// Owns a GameDay while it is held: every event is on disk before it counts, and whoever watches
/// is told of every change.
final class GameDayConductor: Sendable {
    private struct State {
        var day: GameDay
        let journal: AppendFile
        var live: LiveRun?
        var leases: [DashboardState.Lease] = []
        var hasDocument = false
        var watchers: [Int: AsyncStream<Void>.Continuation] = [:]
        var nextWatcher = 0
    }

    /// How many may watch at a time: forty people and some to spare.
    static let watchersMaximum = 200

    private let state: Mutex<State>

    /// Throws `SystemError` when the journal cannot be opened.
    init(_ day: GameDay, journal: String) throws {
        state = Mutex(State(day: day, journal: try AppendFile(journal)))
    }

    var day: GameDay { state.withLock(\.day) }

    /// What the page shows now.
    var dashboard: DashboardState {
        state.withLock { state in
            DashboardState(
                day: state.day,
                live: state.live,
                leases: state.leases,
                now: Timestamp(microseconds: Loop.wallMicroseconds()),
                hasDocument: state.hasDocument
            )
        }
    }

    /// Does what somebody asks for.
    ///
    /// Throws a `Refusal` that says what can be done instead, and `SystemError` when the journal
    /// cannot be written.
    func submit(_ command: GameDayCommand, by name: String) throws {
        try change { day in try day.events(for: command, by: name) }
    }

    /// Writes down what happened.
    ///
    /// Throws `SystemError`.
    func append(_ drafts: GameDayEvent.Draft...) throws {
        try change { _ in drafts }
    }

    /// Decides and writes in one step: nothing can come between the decision and its events.
    func change(_ decide: (GameDay) throws -> [GameDayEvent.Draft]) throws {
        let watchers = try state.withLock { state in
            for draft in try decide(state.day) {
                let event = GameDayEvent(
                    sequence: state.day.sequence + 1,
                    at: Timestamp(microseconds: Loop.wallMicroseconds()),
                    draft: draft
                )
                try state.journal.append(event.line)
                try state.journal.sync()
                state.day.take(event)
            }
            return Array(state.watchers.values)
        }
        for watcher in watchers { watcher.yield() }
    }

    /// What the round's run shows; not for the journal.
    func show(_ live: LiveRun?, _ leases: [DashboardState.Lease]) {
        tell { state in
            state.live = live
            state.leases = leases
        }
    }

    func showDocument() {
        tell { $0.hasDocument = true }
    }

    private func tell(_ body: (inout State) -> Void) {
        let watchers = state.withLock { state in
            body(&state)
            return Array(state.watchers.values)
        }
        for watcher in watchers { watcher.yield() }
    }

    /// Changes as they come, at most one waiting; `nil` when too many watch already.
    func watch() -> (number: Int, changes: AsyncStream<Void>)? {
        state.withLock { state in
            guard state.watchers.count < Self.watchersMaximum else { return nil }
            let (stream, continuation) = AsyncStream<Void>.makeStream(
                bufferingPolicy: .bufferingNewest(1)
            )
            state.nextWatcher += 1
            state.watchers[state.nextWatcher] = continuation
            return (state.nextWatcher, stream)
        }
    }

    /// Wakes one watcher, as if something had changed.
    func wake(_ number: Int) {
        state.withLock { $0.watchers[number] }?.yield()
    }

    func leave(_ number: Int) {
        state.withLock { $0.watchers.removeValue(forKey: number) }?.finish()
    }
}

import EventLoop
import LinuxSystem

/// What `down` found and did.
package enum ShopDownOutcome: Sendable, Equatable {
    /// A running shop was stopped and removed.
    case stopped
    /// A crashed supervisor's remains were removed.
    case cleaned
    /// There was nothing.
    case absent
}

/// How long an orderly stop may take before the supervisor is killed.
private let stopTimeout: Duration = .seconds(60)

/// Stops a shop and removes everything of it, but for its databases when `keeps`; on a loop.
///
/// Throws `ShopError` when the name is none or files cannot be removed.
package func down(
    name: String = ShopTopology.defaultName,
    keeps: Bool = false,
    progress: (String) -> Void = { _ in }
) async throws -> ShopDownOutcome {
    let places = try ShopPlaces(name: name, shops: StatePaths.shops)
    switch ShopState.look(places) {
    case .absent:
        // What an earlier `down` kept, this one keeps as well.
        try places.kept.clear(stays: keeps)
        return .absent
    case .stale(let record):
        progress("supervisor \(record.supervisor.pid) is gone; removing what it left")
        try await ShopState.sweep(record, places, keeps: keeps)
        return .cleaned
    case .running(let record, _), .busy(let record):
        progress("stopping \(name) (supervisor \(record.supervisor.pid))")
        if keeps { try SystemFiles.writeAtomically(record.keepMark, [], mode: 0o644) }
        try await stop(record.supervisor)
        // Normally there is nothing left to do: the supervisor removes its files itself.
        if case .stale(let rest) = ShopState.look(places) {
            progress("the supervisor had to be killed; removing what it left")
            try await ShopState.sweep(rest, places, keeps: keeps)
        }
        return .stopped
    }
}

private func stop(_ supervisor: SupervisorRecord.Process) async throws {
    let terminate: Int32 = 15
    let kill: Int32 = 9
    supervisor.signal(terminate)
    let end = Loop.monotonicNanoseconds() + stopTimeout.nanosecondsClamped
    while supervisor.isAlive {
        if Loop.monotonicNanoseconds() > end { supervisor.signal(kill) }
        try await Loop.current?.sleep(for: .milliseconds(10))
    }
}

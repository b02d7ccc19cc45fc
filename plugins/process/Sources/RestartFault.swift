import ChaosModel
import ChaosPluginAPI
import ChaosTargets
import EventLoop
import Glibc
import JSON
import LinuxSystem

/// Asks a process to end as its operator would, and waits for the one that takes its place.
struct RestartFault: Fault {
    /// How often is looked whether it has ended.
    private static let period = Duration.milliseconds(20)

    func prepare(_ context: StepContext) async throws -> UndoRecord {
        try TargetProcess.find(context).record("restart")
    }

    func inject(_ context: StepContext, _ undo: UndoRecord) async throws {
        guard let loop = Loop.current else { preconditionFailure("faults run on a loop") }
        let target = try TargetProcess(undo: undo)
        guard let handle = try target.handle(), try handle.signal(SIGTERM) else {
            throw target.hasGone
        }
        let grace = context.arguments["grace"]?.doubleValue ?? 5_000
        let end = Loop.monotonicNanoseconds() + Int64(grace * 1e6)
        while handle.isAlive {
            guard Loop.monotonicNanoseconds() < end else {
                try handle.signal(SIGKILL)
                return
            }
            try await loop.sleep(for: Self.period)
        }
    }

    func confirm(_ context: StepContext, _ undo: UndoRecord) async throws -> Effect {
        let target = try TargetProcess(undo: undo)
        let isReplaced =
            target.entry == nil && TargetProcess.successor(of: target, context) != nil
        return target.effect(isReplaced ? 1 : 0, "processes replaced", context)
    }

    func revert(_ undo: UndoRecord) async throws {}

    func confirmReverted(_ undo: UndoRecord) async throws {}
}

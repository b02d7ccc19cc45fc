import ChaosPluginAPI
import ChaosTargets
import JSON
import LinuxSystem
import Synchronization

/// Lowers the soft limit of open files of a running process to what it has open.
final class DescriptorsFault: Fault {
    private let sightings = Mutex(0)

    func prepare(_ context: StepContext) async throws -> UndoRecord {
        let target = try TargetProcess.find(context)
        let limit = try OpenFileLimit.of(target.pid)
        let spare = context.arguments["spare"]?.integerValue ?? 0
        let lowered = UInt64(try lowestFree(target)) + UInt64(max(0, spare))
        guard lowered < limit.soft else {
            throw ResourceError(
                "its limit is \(limit.soft) and leaves it fewer than \(spare) already —"
                    + " \(target.name), process \(target.pid). Use a smaller \"spare\"."
            )
        }
        var state = target.state
        state["soft"] = .integer(Int64(clamping: limit.soft))
        state["lowered"] = .integer(Int64(clamping: lowered))
        return UndoRecord(
            plugin: "resource",
            function: "descriptors",
            target: target.name,
            state: state
        )
    }

    func inject(_ context: StepContext, _ undo: UndoRecord) async throws {
        let target = try TargetProcess(undo: undo)
        guard target.entry != nil else { throw hasGone(target) }
        try OpenFileLimit.setSoft(try number(undo, "lowered"), of: target.pid)
    }

    func confirm(_ context: StepContext, _ undo: UndoRecord) async throws -> Effect {
        let target = try TargetProcess(undo: undo)
        guard target.entry != nil else { throw hasGone(target) }
        let limit = try OpenFileLimit.of(target.pid)
        let free = try lowestFree(target)
        let isExhausted = UInt64(free) >= limit.soft
        let count = sightings.withLock { count in
            if isExhausted { count += 1 }
            return count
        }
        return Effect(
            hits: count,
            unit: "times seen with no descriptor free",
            detail: [
                "pid": .integer(Int64(target.pid)),
                "limit": .integer(Int64(clamping: limit.soft)),
                "lowest-free": .integer(Int64(free)),
            ]
        )
    }

    /// A process that has set another limit meanwhile keeps it; one that has ended has none.
    func revert(_ undo: UndoRecord) async throws {
        guard try isLowered(undo) else { return }
        try OpenFileLimit.setSoft(try number(undo, "soft"), of: TargetProcess(undo: undo).pid)
    }

    func confirmReverted(_ undo: UndoRecord) async throws {
        guard try isLowered(undo) else { return }
        let target = try TargetProcess(undo: undo)
        let soft = try number(undo, "soft")
        throw ResourceError(
            "its limit of open files is still lowered — \(target.name), process \(target.pid)."
                + " Restore it: prlimit --pid \(target.pid) --nofile=\(soft):"
        )
    }

    private func isLowered(_ undo: UndoRecord) throws -> Bool {
        let target = try TargetProcess(undo: undo)
        guard target.entry != nil else { return false }
        return try OpenFileLimit.of(target.pid).soft == number(undo, "lowered")
    }

    private func lowestFree(_ target: TargetProcess) throws -> Int {
        guard let descriptors = ProcessTable.descriptors(of: target.pid) else {
            throw ResourceError(
                "its open files cannot be seen — \(target.name), process \(target.pid)."
                    + " Run as its user, or as root."
            )
        }
        return descriptors.lowestFree
    }

    private func number(_ undo: UndoRecord, _ name: String) throws -> UInt64 {
        guard let value = undo.state[name]?.integerValue.flatMap(UInt64.init(exactly:)) else {
            throw ResourceError(
                "the undo record has no \(name) — resource descriptors on \(undo.target)."
                    + " Restore the limit by hand (prlimit) and remove the record."
            )
        }
        return value
    }

    private func hasGone(_ target: TargetProcess) -> ResourceError {
        ResourceError(
            "the process has ended — \(target.name), process \(target.pid)."
                + " See its log; it may not have survived the fault."
        )
    }
}

import ChaosPluginAPI
import ChaosTargets
import Glibc
import JSON
import LinuxSystem

/// Ends a process with one signal; what comes after it is its supervisor's business.
struct KillFault: Fault {
    /// The signals that the schema offers.
    private static let signals: [String: Int32] = [
        "KILL": SIGKILL, "TERM": SIGTERM, "INT": SIGINT, "HUP": SIGHUP, "QUIT": SIGQUIT,
        "ABRT": SIGABRT, "SEGV": SIGSEGV,
    ]

    func prepare(_ context: StepContext) async throws -> UndoRecord {
        try TargetProcess.find(context).record("kill")
    }

    func inject(_ context: StepContext, _ undo: UndoRecord) async throws {
        let target = try TargetProcess(undo: undo)
        let name = context.arguments["signal"]?.stringValue ?? "KILL"
        let handle = try target.handle()
        guard try handle?.signal(Self.signals[name] ?? SIGKILL) == true else {
            throw target.hasGone
        }
    }

    func confirm(_ context: StepContext, _ undo: UndoRecord) async throws -> Effect {
        let target = try TargetProcess(undo: undo)
        let hasEnded = target.entry == nil
        let unit = hasEnded ? "process ended" : "processes ended"
        return target.effect(hasEnded ? 1 : 0, unit, context)
    }

    func revert(_ undo: UndoRecord) async throws {}

    func confirmReverted(_ undo: UndoRecord) async throws {}
}

extension TargetProcess {
    /// All that the undo of a fault on one process needs.
    func record(_ function: String, _ more: JSONObject = [:]) -> UndoRecord {
        var state = state
        for member in more.members { state[member.name] = member.value }
        return UndoRecord(plugin: "process", function: function, target: name, state: state)
    }

    /// The effect with the process that was hit and the one that took its place.
    func effect(_ hits: Int, _ unit: String, _ context: StepContext) -> Effect {
        var detail: JSONObject = ["pid": .integer(Int64(pid))]
        if let next = TargetProcess.successor(of: self, context) {
            detail["successor"] = .object(next.state)
        }
        return Effect(hits: hits, unit: unit, detail: detail)
    }

    var hasGone: ProcessError {
        ProcessError(
            "the process ended before it could be hit — \(name), process \(pid)."
                + " See its log, and run again."
        )
    }
}

import ChaosPluginAPI
import ChaosTargets
import Glibc
import JSON
import LinuxSystem

/// Stops a process, and what is below it if wanted; what stood still before keeps standing.
struct PauseFault: Fault {
    /// A process forks while it is being stopped: look again, at most this often.
    private static let roundsMax = 10

    func prepare(_ context: StepContext) async throws -> UndoRecord {
        let target = try TargetProcess.find(context)
        let withChildren = context.arguments["children"]?.boolValue ?? false
        let group = StoppedGroup(target, withChildren)
        let former = group.processes.filter { $0.state == "T" }.map { $0.identity }
        return target.record(
            "pause",
            [
                "children": .bool(withChildren),
                "stopped-before": .array(former.map { .string($0) }),
            ]
        )
    }

    func inject(_ context: StepContext, _ undo: UndoRecord) async throws {
        let group = try StoppedGroup(undo)
        guard try group.target.handle()?.signal(SIGSTOP) == true else {
            throw group.target.hasGone
        }
        // From the top down: what stands still starts nothing new.
        for _ in 1...Self.roundsMax {
            let moving = group.processes.filter { $0.state != "T" && $0.pid != group.target.pid }
            if moving.isEmpty { return }
            for process in moving { try group.signal(process, SIGSTOP) }
        }
    }

    func confirm(_ context: StepContext, _ undo: UndoRecord) async throws -> Effect {
        let group = try StoppedGroup(undo)
        let processes = group.processes
        let stopped = processes.filter { $0.state == "T" }
        guard !processes.isEmpty else { throw group.target.hasGone }
        return Effect(
            hits: stopped.count { !group.stoppedBefore.contains($0.identity) },
            unit: "processes stopped",
            detail: [
                "pid": .integer(Int64(group.target.pid)),
                "state": .string(processes.map { String($0.state) }.joined()),
            ]
        )
    }

    /// From the bottom up: a server that goes on before its children would see them hang.
    func revert(_ undo: UndoRecord) async throws {
        let group = try StoppedGroup(undo)
        for process in group.stoppedByUs.reversed() { try group.signal(process, SIGCONT) }
    }

    func confirmReverted(_ undo: UndoRecord) async throws {
        let group = try StoppedGroup(undo)
        guard let process = group.stoppedByUs.first else { return }
        throw ProcessError(
            "the process still stands still — \(group.target.name), process \(process.pid)."
                + " Let it go on: kill -CONT \(process.pid)"
        )
    }
}

/// A process with those below it, and which of them stood still before.
private struct StoppedGroup {
    let target: TargetProcess
    let withChildren: Bool
    var stoppedBefore: Set<String> = []

    init(_ target: TargetProcess, _ withChildren: Bool) {
        self.target = target
        self.withChildren = withChildren
    }

    init(_ undo: UndoRecord) throws {
        let withChildren = undo.state["children"]?.boolValue ?? false
        self.init(try TargetProcess(undo: undo), withChildren)
        let former = undo.state["stopped-before"]?.arrayValue ?? []
        stoppedBefore = Set(former.compactMap(\.stringValue))
    }

    /// Those that live now, the target first; none when it has ended.
    var processes: [ProcessTable.Entry] {
        guard let entry = target.entry else { return [] }
        guard withChildren else { return [entry] }
        return [entry] + ProcessTable.descendants(of: target.pid).filter { $0.state != "Z" }
    }

    var stoppedByUs: [ProcessTable.Entry] {
        processes.filter { $0.state == "T" && !stoppedBefore.contains($0.identity) }
    }

    func signal(_ process: ProcessTable.Entry, _ number: Int32) throws {
        // One that has ended meanwhile needs no signal.
        try ProcessHandle.open(process.pid, startTime: process.startTime)?.signal(number)
    }
}

extension ProcessTable.Entry {
    /// Names one process for ever.
    fileprivate var identity: String { "\(pid)@\(startTime)" }
}

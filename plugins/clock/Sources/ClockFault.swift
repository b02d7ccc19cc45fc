import ChaosModel
import ChaosPluginAPI
import ChaosTargets
import EventLoop
import JSON
import LinuxSystem
import ProcessClock
import Synchronization

/// Moves the clock of a process, and of those below it if wanted, until the undo.
final class ClockFault: Fault {
    private struct Progress {
        /// Readings of control files that were there before us, by path.
        var former: [String: UInt64] = [:]
        /// The jumping; owned by the fault from `inject` to `revert`.
        var task: Task<Void, any Error>?
    }

    let kind: ClockMovement.Kind
    private let progress = Mutex(Progress())

    init(kind: ClockMovement.Kind) {
        self.kind = kind
    }

    func prepare(_ context: StepContext) async throws -> UndoRecord {
        let target = try TargetProcess.find(context)
        var processes = [try MovedProcess(target)]
        if context.arguments["children"]?.boolValue ?? false {
            for entry in ProcessTable.descendants(of: target.pid) where entry.state != "Z" {
                let below = TargetProcess(
                    name: target.name,
                    pid: entry.pid,
                    startTime: entry.startTime
                )
                let moved = try MovedProcess(below)
                // Under the shim they share one control file.
                if moved.backend == .patch || moved.control != processes[0].control {
                    processes.append(moved)
                }
            }
        }
        return UndoRecord(
            plugin: "clock",
            function: kind.rawValue,
            target: target.name,
            state: [
                "tag": .string(ClockTag(context).text),
                "processes": .array(processes.map(\.json)),
            ]
        )
    }

    func inject(_ context: StepContext, _ undo: UndoRecord) async throws {
        let movement = ClockMovement(kind, context.arguments)
        let tag = undo.state["tag"]?.stringValue ?? ""
        let processes = Self.processes(undo)
        for moved in processes where moved.backend == .preload {
            let readings = try ControlFile.read(moved.control).readings
            progress.withLock { $0.former[moved.control] = readings }
        }
        let setting = movement.setting(at: Loop.wallMicroseconds() * 1_000)
        for (index, moved) in processes.enumerated() where moved.process.entry != nil || index == 0
        {
            try await moved.apply(setting, tag: tag)
        }
        if kind == .jump { startJumping(processes, movement) }
    }

    func confirm(_ context: StepContext, _ undo: UndoRecord) async throws -> Effect {
        let processes = Self.processes(undo)
        guard let first = processes.first, first.process.entry != nil else {
            throw ClockError(
                "the process has ended — \(undo.target). See its log; it may not have survived"
                    + " the fault."
            )
        }
        let former = progress.withLock { $0.former }
        var effect = Effect(hits: 0, unit: "wrong readings of the clock")
        var last: Int64 = 0
        for moved in processes {
            guard let state = moved.state else { continue }
            effect.hits += Int(clamping: state.readings &- (former[moved.control] ?? 0))
            last = max(last, state.last)
        }
        effect.detail["backend"] = .string(first.backend.rawValue)
        if effect.hits > 0 {
            effect.detail["last-reading"] = .string(Timestamp(microseconds: last / 1_000).rfc3339)
            effect.detail["host"] = .string(
                Timestamp(microseconds: Loop.wallMicroseconds()).rfc3339
            )
        }
        return effect
    }

    /// Also finds what the processes forked meanwhile, by the run's name in their pages.
    func revert(_ undo: UndoRecord) async throws {
        let task = progress.withLock { progress in
            defer { progress.task = nil }
            return progress.task
        }
        task?.cancel()
        _ = await task?.result
        for moved in Self.processes(undo) where moved.backend == .preload {
            guard SystemFiles.exists(moved.control) else { continue }
            try ControlFile.set(moved.control, .none)
        }
        for pid in Self.patched(undo) { try await VDSOPatch.remove(from: pid) }
    }

    func confirmReverted(_ undo: UndoRecord) async throws {
        for moved in Self.processes(undo) where moved.backend == .preload {
            guard SystemFiles.exists(moved.control),
                try ControlFile.read(moved.control).setting.isMoved
            else { continue }
            throw Self.isStillMoved(moved.process.pid, undo)
        }
        if let pid = Self.patched(undo).first { throw Self.isStillMoved(pid, undo) }
    }
}

extension ClockFault {
    /// To and fro until the undo; a process that has ended ends the jumping.
    private func startJumping(_ processes: [MovedProcess], _ movement: ClockMovement) {
        guard let loop = Loop.current else { preconditionFailure("faults run on a loop") }
        let task = loop.spawn {
            var isMoved = true
            while true {
                try await loop.sleep(for: movement.every)
                isMoved.toggle()
                let setting = isMoved ? movement.setting(at: 0) : ClockSetting.none
                for moved in processes where moved.process.entry != nil {
                    try moved.change(setting)
                }
            }
        }
        progress.withLock { $0.task = task }
    }

    private static func processes(_ undo: UndoRecord) -> [MovedProcess] {
        (undo.state["processes"]?.arrayValue ?? []).compactMap {
            MovedProcess(json: $0, name: undo.target)
        }
    }

    private static func patched(_ undo: UndoRecord) -> [Int32] {
        guard let tag = undo.state["tag"]?.stringValue else { return [] }
        return VDSOPatch.patched().filter { $0.state.tag == tag }.map(\.pid)
    }

    private static func isStillMoved(_ pid: Int32, _ undo: UndoRecord) -> ClockError {
        ClockError(
            "the clock is still moved — \(undo.target), process \(pid)."
                + " Run chaos recover, or restart the process."
        )
    }
}

package import ChaosPluginAPI
import ChaosTargets
import JSON
import LinuxSystem
import ProcessClock

/// Whose a moved clock is: the runner's process, and the run with the step in eight digits.
struct ClockTag: Hashable, Sendable {
    var pid: Int32
    /// Clock ticks since boot, field 22 of proc_pid_stat(5).
    var startTime: UInt64
    var step: String

    init(_ context: StepContext) {
        pid = ProcessIdentity.current
        startTime = ProcessIdentity.startTime(pid) ?? 0
        // FNV-1a, 32 bits: different for each run and step.
        var hash: UInt32 = 0x811c_9dc5
        for byte in "\(context.runID)/\(context.seed)".utf8 {
            hash = (hash ^ UInt32(byte)) &* 0x0100_0193
        }
        step = String(hash, radix: 16)
    }

    /// Reads what `text` writes; `nil` when it is none of ours.
    init?(_ text: String) {
        let parts = text.split(separator: "/")
        guard parts.count == 3, let pid = Int32(parts[0]), let start = UInt64(parts[1]) else {
            return nil
        }
        (self.pid, startTime, step) = (pid, start, String(parts[2]))
    }

    /// At most 31 bytes, which is what a control block holds.
    var text: String { "\(pid)/\(startTime)/\(step)" }

    var isOwnerAlive: Bool { ProcessIdentity.isAlive(pid, startTime: startTime) }
}

extension ClockPlugin {
    package func hostReach(of function: String, _ context: StepContext) throws -> String? {
        TargetProcess.hostReach(context)
    }

    /// Whether the target's clock is moved.
    package func hostFacts(of function: String, _ context: StepContext) async throws -> [HostFact] {
        guard let target = try? TargetProcess.find(context) else { return [] }
        let isMoved =
            try ClockShim.control(of: target.pid).map { try ControlFile.read($0).setting.isMoved }
            ?? (VDSOPatch.state(of: target.pid)?.setting.isMoved ?? false)
        return [HostFact("the wall clock of \(target.name)", isMoved ? "moved" : "true")]
    }

    /// Moved clocks by the tag in the page that leads there, without any ledger.
    package func leftovers() async throws -> [Leftover] {
        let found = VDSOPatch.patched().compactMap { ClockTag($0.state.tag) }
        return Set(found).map { tag in
            Leftover(
                runID: tag.text,
                owner: tag.pid,
                isOwnerAlive: tag.isOwnerAlive,
                undo: UndoRecord(
                    plugin: "clock",
                    function: "offset",
                    target: "a moved clock",
                    state: ["tag": .string(tag.text)]
                )
            )
        }
    }
}

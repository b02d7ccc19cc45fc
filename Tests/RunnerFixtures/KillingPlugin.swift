package import ChaosPluginAPI
import EventLoop
import Glibc
import LinuxSystem
import Synchronization

/// Whom a killing hits.
package enum Victims: String, Sendable, CaseIterable {
    case runner, guardian, both
}

/// A real plugin whose runner, guardian or both are killed at an exact step of a fault.
package struct KillingPlugin: Plugin {
    package let plugin: any Plugin
    private let killing: Killing

    package init(_ plugin: any Plugin, at point: KillPoint, _ victims: Victims, note: String) {
        self.plugin = plugin
        killing = Killing(point, victims, note)
    }

    package var manifest: PluginManifest { plugin.manifest }

    package func leftovers() async throws -> [Leftover] { try await plugin.leftovers() }

    package func hostReach(of function: String, _ context: StepContext) throws -> String? {
        try plugin.hostReach(of: function, context)
    }

    package func hostFacts(of function: String, _ context: StepContext) async throws -> [HostFact] {
        try await plugin.hostFacts(of: function, context)
    }

    package func fault(_ function: String) -> (any Fault)? {
        plugin.fault(function).map { KilledFault(fault: $0, killing: killing) }
    }
}

/// Kills once, and writes down when: a monotonic time is the same in every process.
private final class Killing: Sendable {
    private let point: KillPoint
    private let victims: Victims
    private let note: String
    private let isDone = Mutex(false)

    init(_ point: KillPoint, _ victims: Victims, _ note: String) {
        self.point = point
        self.victims = victims
        self.note = note
    }

    func reach(_ point: KillPoint) {
        guard point == self.point,
            !isDone.withLock({ isDone in
                defer { isDone = true }
                return isDone
            })
        else { return }
        let time = Array("\(Loop.monotonicNanoseconds())\n".utf8)
        try? SystemFiles.writeAtomically(note, time, mode: 0o600)
        if victims != .runner { Killing.killGuardian() }
        if victims != .guardian { kill(getpid(), SIGKILL) }
    }

    /// Our child that carries our own program.
    private static func killGuardian() {
        let children = ProcessTable.all().filter { $0.parent == getpid() && $0.state != "Z" }
        for child in children {
            let line = (try? SystemFiles.read("/proc/\(child.pid)/cmdline")) ?? []
            let words = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
            if words.contains("guardian") { kill(child.pid, SIGKILL) }
        }
    }
}

private struct KilledFault: Fault {
    let fault: any Fault
    let killing: Killing

    func prepare(_ context: StepContext) async throws -> UndoRecord {
        let undo = try await fault.prepare(context)
        killing.reach(.prepare)
        return undo
    }

    func inject(_ context: StepContext, _ undo: UndoRecord) async throws {
        killing.reach(.beforeEffect)
        try await fault.inject(context, undo)
        killing.reach(.afterEffect)
    }

    func confirm(_ context: StepContext, _ undo: UndoRecord) async throws -> Effect {
        let effect = try await fault.confirm(context, undo)
        killing.reach(.confirm)
        return effect
    }

    func revert(_ undo: UndoRecord) async throws {
        killing.reach(.beforeUndo)
        try await fault.revert(undo)
        killing.reach(.afterUndo)
    }

    func confirmReverted(_ undo: UndoRecord) async throws {
        try await fault.confirmReverted(undo)
        killing.reach(.verify)
    }
}

import ChaosPluginAPI
import Synchronization

/// A real plugin after whose undo something happens that should not.
struct SabotagedPlugin: Plugin {
    let plugin: any Plugin
    let afterUndo: @Sendable (UndoRecord) throws -> Void

    var manifest: PluginManifest { plugin.manifest }

    func leftovers() async throws -> [Leftover] { try await plugin.leftovers() }

    func hostReach(of function: String, _ context: StepContext) throws -> String? {
        try plugin.hostReach(of: function, context)
    }

    func hostFacts(of function: String, _ context: StepContext) async throws -> [HostFact] {
        try await plugin.hostFacts(of: function, context)
    }

    func fault(_ function: String) -> (any Fault)? {
        plugin.fault(function).map { SabotagedFault(fault: $0, afterUndo: afterUndo) }
    }
}

private struct SabotagedFault: Fault {
    let fault: any Fault
    let afterUndo: @Sendable (UndoRecord) throws -> Void

    func prepare(_ context: StepContext) async throws -> UndoRecord {
        try await fault.prepare(context)
    }

    func inject(_ context: StepContext, _ undo: UndoRecord) async throws {
        try await fault.inject(context, undo)
    }

    func confirm(_ context: StepContext, _ undo: UndoRecord) async throws -> Effect {
        try await fault.confirm(context, undo)
    }

    func revert(_ undo: UndoRecord) async throws { try await fault.revert(undo) }

    func confirmReverted(_ undo: UndoRecord) async throws {
        try await fault.confirmReverted(undo)
        try afterUndo(undo)
    }
}

/// What a run told the terminal.
final class Notes: Sendable {
    private let texts = Mutex<[String]>([])

    func add(_ text: String) { texts.withLock { $0.append(text) } }

    var all: [String] { texts.withLock { $0 } }
}

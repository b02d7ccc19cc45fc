package import ChaosPluginAPI
import Glibc
import JSON
import LinuxSystem

/// A real fault that needs nothing but a file: `leave` puts a marker where the former content was.
///
/// Arguments: `path`; `kill-at` names the step at which the process kills itself with SIGKILL,
/// which is how the tests lose a runner at an exact place. Undoing restores the former content, or
/// removes the file when there was none.
package struct MarkerPlugin: Plugin {
    package let manifest: PluginManifest
    /// Only the runner kills itself; the guardian and `recover` carry the same records to their
    /// end.
    private let mayKill: Bool

    package init(mayKill: Bool = false) {
        self.mayKill = mayKill
        var fault = PluginFunction(
            name: "leave",
            kind: .fault,
            summary: "Puts a marker into a file."
        )
        fault.effect = "markers seen"
        var probe = PluginFunction(name: "exists", kind: .probe, summary: "Whether a file exists.")
        probe.phases = ["before", "during", "after"]
        let action = PluginFunction(name: "remove", kind: .action, summary: "Removes a file.")
        manifest = PluginManifest(
            name: "marker",
            version: "1.0.0",
            summary: "Leaves markers in files.",
            functions: [fault, probe, action]
        )
    }

    package func fault(_ function: String) -> (any Fault)? {
        function == "leave" ? LeaveMarker(mayKill: mayKill) : nil
    }

    package func probe(_ function: String) -> (any Probe)? {
        function == "exists" ? MarkerExists() : nil
    }

    package func action(_ function: String) -> (any Action)? {
        function == "remove" ? RemoveMarker() : nil
    }
}

/// Why a marker could not be left, seen or removed.
package struct MarkerError: Error, CustomStringConvertible {
    package let description: String

    package init(description: String) {
        self.description = description
    }
}

/// The steps at which a process can be told to kill itself.
package enum KillPoint: String, Sendable, CaseIterable {
    case prepare
    case beforeEffect = "before-effect"
    case afterEffect = "after-effect"
    case confirm
    case beforeUndo = "before-undo"
    case afterUndo = "after-undo"
    case verify

    fileprivate func reach(_ state: JSONObject, _ mayKill: Bool) {
        if mayKill, state["kill-at"] == .string(rawValue) { kill(getpid(), SIGKILL) }
    }
}

private struct LeaveMarker: Fault {
    static let marker = Array("marked\n".utf8)
    let mayKill: Bool

    func prepare(_ context: StepContext) async throws -> UndoRecord {
        let path = try path(context.arguments)
        var state: JSONObject = ["path": .string(path)]
        state["kill-at"] = context.arguments["kill-at"]
        if SystemFiles.exists(path) {
            state["former"] = .string(String(decoding: try SystemFiles.read(path), as: UTF8.self))
        }
        KillPoint.prepare.reach(state, mayKill)
        return UndoRecord(plugin: "marker", function: "leave", target: path, state: state)
    }

    func inject(_ context: StepContext, _ undo: UndoRecord) async throws {
        KillPoint.beforeEffect.reach(undo.state, mayKill)
        try SystemFiles.writeAtomically(try path(undo.state), Self.marker, mode: 0o600)
        KillPoint.afterEffect.reach(undo.state, mayKill)
    }

    func confirm(_ context: StepContext, _ undo: UndoRecord) async throws -> Effect {
        KillPoint.confirm.reach(undo.state, mayKill)
        let isThere = try content(undo) == Self.marker
        return Effect(hits: isThere ? 1 : 0, unit: "markers seen")
    }

    func revert(_ undo: UndoRecord) async throws {
        KillPoint.beforeUndo.reach(undo.state, mayKill)
        let path = try path(undo.state)
        if let former = undo.state["former"]?.stringValue {
            try SystemFiles.writeAtomically(path, Array(former.utf8), mode: 0o600)
        } else if SystemFiles.exists(path) {
            try SystemFiles.removeTree(path)
        }
        KillPoint.afterUndo.reach(undo.state, mayKill)
    }

    func confirmReverted(_ undo: UndoRecord) async throws {
        KillPoint.verify.reach(undo.state, mayKill)
        let former = undo.state["former"]?.stringValue.map { Array($0.utf8) }
        guard try content(undo) == former else {
            throw MarkerError(description: "\(undo.target) is not what it was before")
        }
    }

    private func path(_ object: JSONObject) throws -> String {
        guard let path = object["path"]?.stringValue else {
            throw MarkerError(description: "no path is given")
        }
        return path
    }

    private func content(_ undo: UndoRecord) throws -> [UInt8]? {
        let path = try path(undo.state)
        return SystemFiles.exists(path) ? try SystemFiles.read(path) : nil
    }
}

private struct MarkerExists: Probe {
    func read(_ context: StepContext) async throws -> JSONValue {
        .bool(SystemFiles.exists(context.arguments["path"]?.stringValue ?? ""))
    }
}

private struct RemoveMarker: Action {
    func perform(_ context: StepContext) async throws -> JSONValue {
        let path = context.arguments["path"]?.stringValue ?? ""
        guard SystemFiles.exists(path) else {
            throw MarkerError(description: "\(path) is not there")
        }
        try SystemFiles.removeTree(path)
        return true
    }
}

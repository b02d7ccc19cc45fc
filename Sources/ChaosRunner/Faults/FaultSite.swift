import ChaosJournal
import ChaosPluginAPI
import JSON

/// Which fault it is: what its journal lines and its ledger record have in common.
struct FaultSite: Sendable {
    /// Unique within the run: `fault-1`, `fault-2` and so on.
    var faultID: String
    var step: String
    var path: String
    var plugin: String
    var function: String
    var target: String
    var hitsMinimum: Int
    /// What a hit is, as long as no effect has said so itself.
    var unit: String?
    /// How long it stays in effect unless somebody ends it.
    var hold: Duration

    func transition(_ entry: FaultLifecycle.Entry, undo: UndoRecord?) -> FaultTransition {
        var detail = entry.effect?.detail ?? [:]
        if entry.state == .prepared, let undo { detail = ["undo": .object(undo.state)] }
        return FaultTransition(
            faultID: faultID,
            step: step,
            path: path,
            plugin: plugin,
            function: function,
            target: target,
            state: entry.state,
            hits: hits(entry),
            hitsMinimum: hitsMinimum,
            unit: entry.effect?.unit ?? unit,
            detail: detail,
            error: entry.error
        )
    }

    private func hits(_ entry: FaultLifecycle.Entry) -> Int? {
        switch entry.state {
        case .confirmed, .unconfirmed, .reverted, .failed: entry.effect?.hits
        case .prepared, .injected, .reverting, .revertFailed: nil
        }
    }
}

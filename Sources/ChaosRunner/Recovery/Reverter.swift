import ChaosPluginAPI
import EventLoop

/// Undoes what the ledger records, through the plugins; the same for the guardian and `recover`.
struct Reverter: Sendable {
    var plugins: [any Plugin]
    var ledger: Ledger
    var loop: Loop
    /// How often an undo is tried, how long one try may take, and the pause between two.
    var attemptsMax = 5
    var deadline = Duration.seconds(3)
    var pause = Duration.milliseconds(200)

    /// Undoes one fault, verifies that it is gone, and strikes out its record.
    ///
    /// Errors: what the last attempt said; the record is then still there.
    func revert(_ entry: LedgerEntry) async throws {
        try await restore(entry)
        try ledger.clear(entry)
    }

    /// Undoes one fault and verifies that it is gone; the record stays.
    func restore(_ entry: LedgerEntry) async throws {
        let fault = try fault(of: entry)
        var attempt = 1
        while true {
            do {
                try await withDeadline(deadline) {
                    try await fault.revert(entry.undo)
                    try await fault.confirmReverted(entry.undo)
                }
                return
            } catch {
                guard attempt < attemptsMax else { throw error }
                attempt += 1
                try await loop.sleep(for: pause)
            }
        }
    }

    private func fault(of entry: LedgerEntry) throws(RunnerError) -> any Fault {
        let plugin = plugins.first { $0.manifest.name == entry.undo.plugin }
        guard let fault = plugin?.fault(entry.undo.function) else {
            throw RunnerError(
                .unknownFunction,
                "the fault \(entry.undo.plugin) \(entry.undo.function) that the ledger names is"
                    + " not known — \(entry.faultID) of run \(entry.runID)."
                    + " Recover with the version of chaos that ran it."
            )
        }
        return fault
    }
}

package import ChaosPluginAPI
package import EventLoop

/// Cleans up after runs whose runner is gone; total, idempotent, harmless beside living runs.
package enum Recovery {
    /// Undoes every open record of every run whose process no longer lives.
    ///
    /// Never throws: what could not be cleaned stands in the report.
    package static func recover(
        plugins: [any Plugin],
        ledger: Ledger = Ledger(),
        loop: Loop
    ) async -> RecoveryReport {
        var report = RecoveryReport()
        do {
            let reverter = Reverter(plugins: plugins, ledger: ledger, loop: loop)
            for account in try ledger.accounts() {
                if account.isAlive {
                    report.living.append(account.runID)
                } else {
                    await recover(account, reverter, &report)
                }
            }
        } catch {
            report.failed.append(.init(what: ledger.directory, why: "\(error)"))
        }
        return report
    }

    private static func recover(
        _ account: Ledger.Account,
        _ reverter: Reverter,
        _ report: inout RecoveryReport
    ) async {
        var isClean = true
        for entry in account.entries {
            do {
                try await reverter.revert(entry)
                report.reverted.append(entry)
            } catch {
                isClean = false
                report.failed.append(.init(what: describe(entry), why: "\(error)"))
            }
        }
        for path in account.unreadable {
            isClean = false
            let why = "is no ledger record. Look at what it names, undo it, and remove the file."
            report.failed.append(.init(what: path, why: why))
        }
        guard isClean else { return }
        do {
            try reverter.ledger.close(runID: account.runID)
            report.closed.append(account.runID)
        } catch {
            let path = reverter.ledger.path(of: account.runID)
            report.failed.append(.init(what: path, why: "\(error)"))
        }
    }

    private static func describe(_ entry: LedgerEntry) -> String {
        "\(entry.undo.plugin) \(entry.undo.function) on \(entry.undo.target) (run \(entry.runID))"
    }
}

/// What a recovery found and did.
package struct RecoveryReport: Sendable {
    /// Something that is not clean, and why.
    package struct Failure: Sendable, Hashable {
        package var what: String
        package var why: String
    }

    /// The faults that were undone now.
    package var reverted: [LedgerEntry] = []
    /// What could not be undone; empty means that the host is clean.
    package var failed: [Failure] = []
    /// Runs that are under way and were left alone.
    package var living: [String] = []
    /// Runs whose accounts were closed.
    package var closed: [String] = []

    /// Whether nothing of a dead run is left.
    package var isClean: Bool { failed.isEmpty }
}

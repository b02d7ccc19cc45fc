import ChaosModel
package import ChaosPluginAPI
package import EventLoop

/// Cleans up after runs whose runner is gone; total, idempotent, harmless beside living runs.
package enum Recovery {
    /// Undoes every open record of every run whose process no longer lives, and then whatever the
    /// plugins find by their tags alone, so that a lost ledger leaves nothing behind.
    ///
    /// Never throws: what could not be cleaned stands in the report.
    package static func recover(
        plugins: [any Plugin],
        ledger: Ledger = Ledger(),
        loop: Loop
    ) async -> RecoveryReport {
        var report = RecoveryReport()
        let reverter = Reverter(plugins: plugins, ledger: ledger, loop: loop)
        do {
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
        for plugin in plugins { await sweep(plugin, reverter, &report) }
        return report
    }

    /// Undoes what a plugin finds by its tags; what belongs to a living process or run stays.
    private static func sweep(
        _ plugin: any Plugin,
        _ reverter: Reverter,
        _ report: inout RecoveryReport
    ) async {
        do {
            for leftover in try await leftovers(of: plugin, reverter)
            where !leftover.isOwnerAlive && !report.living.contains(leftover.runID) {
                let entry = LedgerEntry(
                    runID: leftover.runID,
                    faultID: "found-by-tag",
                    step: "found by its tag",
                    path: "",
                    undo: leftover.undo,
                    since: Timestamp(microseconds: Loop.wallMicroseconds()),
                    until: nil
                )
                do {
                    try await reverter.restore(entry)
                    report.reverted.append(entry)
                } catch {
                    report.failed.append(.init(what: describe(entry), why: "\(error)"))
                }
            }
        } catch {
            let what = "the tags of the plugin \(plugin.manifest.name)"
            report.failed.append(.init(what: what, why: "\(error)"))
        }
    }

    /// What a plugin finds; what changes while it is looked at is looked at again.
    private static func leftovers(
        of plugin: any Plugin,
        _ reverter: Reverter
    ) async throws -> [Leftover] {
        var attempt = 1
        while true {
            do {
                return try await plugin.leftovers()
            } catch {
                guard attempt < reverter.attemptsMax else { throw error }
                attempt += 1
                try await reverter.loop.sleep(for: reverter.pause)
            }
        }
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

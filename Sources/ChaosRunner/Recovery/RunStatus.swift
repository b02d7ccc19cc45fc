package import ChaosModel
import JSON
import LinuxSystem

/// A run that the ledger knows: alive or dead, with the faults that are in effect.
package struct RunStatus: Sendable {
    package var runID: String
    package var title: String
    package var pid: Int32?
    package var isAlive: Bool
    package var since: Timestamp?
    /// The run's directory with its journal.
    package var directory: String?
    /// The faults that are (or, after a crash, may be) in effect, newest first.
    package var faults: [LedgerEntry]
    /// What the guardian did after the runner was gone, oldest first.
    package var guardian: [GuardianRecord]

    /// Every run that is under way or left something behind.
    ///
    /// Errors: the ledger is there and cannot be read.
    package static func list(ledger: Ledger = Ledger()) throws -> [RunStatus] {
        try ledger.accounts().map { account in
            RunStatus(
                runID: account.runID,
                title: account.run?.title ?? "",
                pid: account.run?.pid,
                isAlive: account.isAlive,
                since: account.run?.since,
                directory: account.run?.directory,
                faults: account.entries,
                guardian: account.run.map { GuardianRecord.read(directory: $0.directory) } ?? []
            )
        }
    }
}

import ChaosModel
import JSON
import LinuxSystem

/// The undo ledger: what must be undone, on disk before it is done.
///
/// ```
/// <state>/ledger/<run>/run.json        who carries the run out
/// <state>/ledger/<run>/<fault>.json    one fault that is, or may be, in effect
/// ```
///
/// A file is there as a whole or not at all (temporary file, fsync, rename, fsync of the
/// directory). Nothing here needs the run's journal, the plan or the experiment.
package struct Ledger: Sendable {
    /// The directory that holds one directory for each run.
    package let directory: String

    /// The ledger of this host and user, or one elsewhere.
    package init(directory: String = StatePaths.ledger) {
        self.directory = directory
    }

    /// Opens the run's account; must come before its first record.
    func open(_ run: LedgerRun) throws {
        try SystemFiles.createDirectory(directory, mode: 0o700, parents: true)
        try SystemFiles.createDirectory(self.path(of: run.runID), mode: 0o700, parents: true)
        try write(run.json, to: "\(path(of: run.runID))/run.json")
    }

    /// Writes a fault's record; when this returns, the record survives a crash.
    func record(_ entry: LedgerEntry) throws {
        try write(entry.json, to: path(of: entry))
    }

    /// Strikes a fault's record out; one that is not there is fine.
    func clear(_ entry: LedgerEntry) throws {
        guard SystemFiles.exists(path(of: entry)) else { return }
        try SystemFiles.removeTree(path(of: entry))
    }

    /// Closes the run's account; call it only when no record is left.
    func close(runID: String) throws {
        guard SystemFiles.exists(path(of: runID)) else { return }
        try SystemFiles.removeTree(path(of: runID))
    }

    /// Where the run's account is.
    func path(of runID: String) -> String { "\(directory)/\(runID)" }

    private func path(of entry: LedgerEntry) -> String {
        "\(path(of: entry.runID))/\(entry.faultID).json"
    }

    private func write(_ value: JSONValue, to path: String) throws {
        let text = value.serialized(pretty: true) + "\n"
        try SystemFiles.writeAtomically(path, Array(text.utf8), mode: 0o600)
    }
}

extension Ledger {
    /// What is open in a run's account.
    package struct Account: Sendable {
        package var runID: String
        /// `nil`: `run.json` is missing or unreadable, so that nobody can be asked whether it
        /// lives.
        package var run: LedgerRun?
        /// Newest first, which is the order in which they are undone.
        package var entries: [LedgerEntry] = []
        /// Files that should be records and cannot be read.
        package var unreadable: [String] = []
    }

    /// Every run with an account, in the order of their names.
    package func accounts() throws -> [Account] {
        guard SystemFiles.exists(directory) else { return [] }
        return try SystemFiles.list(directory).sorted().map { try account(of: $0) }
    }

    /// One run's account; an empty one when there is none.
    package func account(of runID: String) throws -> Account {
        var account = Account(runID: runID)
        guard SystemFiles.exists(path(of: runID)) else { return account }
        for name in try SystemFiles.list(path(of: runID)) where name.hasSuffix(".json") {
            let path = "\(path(of: runID))/\(name)"
            let value = read(path)
            if name == "run.json" {
                account.run = value.flatMap(LedgerRun.init(json:))
            } else if let entry = value.flatMap(LedgerEntry.init(json:)) {
                account.entries.append(entry)
            } else if SystemFiles.exists(path) {
                account.unreadable.append(path)
            }
        }
        account.entries.sort(by: Self.isNewer)
        return account
    }

    private func read(_ path: String) -> JSONValue? {
        guard let bytes = try? SystemFiles.read(path) else { return nil }
        return try? JSONValue.parse(bytes)
    }

    private static func isNewer(_ left: LedgerEntry, _ right: LedgerEntry) -> Bool {
        (left.since.microseconds, left.faultID.count, left.faultID)
            > (right.since.microseconds, right.faultID.count, right.faultID)
    }
}

extension Ledger.Account {
    /// Whether the run's own process still lives.
    package var isAlive: Bool {
        guard let run else { return false }
        return ProcessIdentity.isAlive(run.pid, startTime: run.processStart)
    }
}

internal import LinuxSystem

/// Whose a table is: its name says which fault of which run of which process.
///
/// `chaos_20261125-090512-a3f9d1_4711_88123_k3x9` — run, pid, the process's start time, fault.
package struct OwnershipTag: Sendable, Hashable {
    /// What each of our rules says, so that a foreign table with a similar name is not taken for
    /// ours.
    package static let comment = "placed by chaos; chaos recover removes it"

    package let run: String
    /// The process that placed it, with its start time.
    package let pid: Int32
    package let processStart: UInt64
    /// Tells the faults of a run apart.
    package let fault: String

    /// A tag for the calling process; `nil` when the parts would not do as a name.
    package init?(run: String, fault: String) {
        let pid = ProcessIdentity.current
        self.init(run, pid, ProcessIdentity.startTime(pid) ?? 0, fault)
    }

    /// Reads a tag from a table's name; `nil` when it is none.
    package init?(tableName: String) {
        let parts = tableName.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0] == "chaos", let pid = Int32(parts[2]),
            let start = UInt64(parts[3])
        else { return nil }
        self.init(String(parts[1]), pid, start, String(parts[4]))
    }

    private init?(_ run: String, _ pid: Int32, _ start: UInt64, _ fault: String) {
        guard !run.isEmpty, !run.contains("_"), !fault.isEmpty, !fault.contains("_") else {
            return nil
        }
        self.run = run
        self.pid = pid
        processStart = start
        self.fault = fault
        guard TableName.isPlain(tableName) else { return nil }
    }

    /// The name of a table that carries the tag.
    package var tableName: String { "chaos_\(run)_\(pid)_\(processStart)_\(fault)" }

    /// Whether the process that placed it still runs.
    package var isOwnerAlive: Bool { ProcessIdentity.isAlive(pid, startTime: processStart) }
}

extension NFTablesConnection {
    /// The tables of the namespace that we made, with their tags; nobody else's.
    package func ownedTables() throws(NFTablesError) -> [(tag: OwnershipTag, table: TableName)] {
        var owned: [(tag: OwnershipTag, table: TableName)] = []
        for table in try tables() {
            guard let tag = OwnershipTag(tableName: table.name),
                let listing = try listing(table), listing.isOurs
            else { continue }
            owned.append((tag, table))
        }
        return owned
    }
}

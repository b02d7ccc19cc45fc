import ChaosPluginAPI
import JSON
import LinuxSystem
import NFTables

/// Where a cut's tables are: all that it takes to find and delete them.
struct CutPlace: Sendable, Hashable {
    let namespace: NetworkNamespace
    let function: PartitionPlugin.Function
    /// One for each family, all of the same name.
    let tables: [TableName]

    /// `nil` when the tag is not one of this plugin.
    init?(_ namespace: NetworkNamespace, _ tag: OwnershipTag, _ families: [TableName.Family]) {
        guard let word = tag.fault.split(separator: "-").first,
            let function = PartitionPlugin.Function(rawValue: String(word))
        else { return nil }
        self.namespace = namespace
        self.function = function
        let order = TableName.Family.allCases
        tables = families.sorted { order.firstIndex(of: $0) ?? 0 < order.firstIndex(of: $1) ?? 0 }
            .compactMap { TableName($0, tag.tableName) }
    }

    /// A place for a new cut.
    ///
    /// - Throws: `PartitionError` when the run's name would not do.
    init(
        _ namespace: NetworkNamespace,
        _ families: [TableName.Family],
        _ function: PartitionPlugin.Function,
        _ context: StepContext
    ) throws {
        let number = String(context.seed & 0xffff_ffff, radix: 36)
        guard let tag = OwnershipTag(run: context.runID, fault: "\(function.rawValue)-\(number)"),
            let place = CutPlace(namespace, tag, families)
        else {
            throw PartitionError(
                "the run's name does not do as the name of a table — \(context.runID). Use letters,"
                    + " digits and hyphens."
            )
        }
        self = place
    }

    /// The record from which it is undone, with whatever else the fault wants to remember.
    func undo(target: String, state: JSONObject) -> UndoRecord {
        var state = state
        state["namespace"] = namespace.name.map { .string($0) }
        state["table"] = .string(tables.first?.name ?? "")
        state["families"] = .array(tables.map { .string($0.family.rawValue) })
        return UndoRecord(
            plugin: "partition",
            function: function.rawValue,
            target: target,
            state: state
        )
    }

    /// - Throws: `PartitionError` when the record is not one of ours.
    init(_ undo: UndoRecord) throws {
        let name = undo.state["namespace"]?.stringValue
        let namespace = name.map { NetworkNamespace(named: $0) } ?? .current
        let families = (undo.state["families"]?.arrayValue ?? [])
            .compactMap { $0.stringValue.flatMap(TableName.Family.init(rawValue:)) }
        guard let namespace, !families.isEmpty,
            let tag = undo.state["table"]?.stringValue.flatMap(OwnershipTag.init(tableName:)),
            let place = CutPlace(namespace, tag, families)
        else {
            throw PartitionError(
                "the undo record names no table of ours — \(undo.function) on \(undo.target)."
                    + " See what is there: nft list tables; delete what begins with chaos_."
            )
        }
        self = place
    }

    /// Deletes the tables in one transaction; those that are gone, with their namespace or without,
    /// are fine.
    ///
    /// - Throws: `PartitionError` when one of them is not ours, `NFTablesError`, `SystemError`.
    func clear() throws {
        guard namespace.exists else { return }
        let connection = try NFTablesConnection(in: namespace)
        var batch = Batch()
        for listing in try tables.compactMap({ try connection.listing($0) }) {
            guard listing.isOurs else {
                throw PartitionError(
                    "a table with our name holds rules that are not ours — \(listing.table) in"
                        + " \(namespace). Whoever added them must delete it: nft delete table"
                        + " \(listing.table)."
                )
            }
            batch.delete(table: listing.table)
        }
        try connection.apply(batch)
    }

    /// The tables that are there now.
    func listings() throws -> [TableListing] {
        guard namespace.exists else { return [] }
        let connection = try NFTablesConnection(in: namespace)
        return try tables.compactMap { try connection.listing($0) }
    }
}

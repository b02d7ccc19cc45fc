package import ChaosPluginAPI
import JSON
import LinuxSystem
import NFTables

/// Faults that cut hosts from each other, by nf_tables.
///
/// ```
/// arguments, target, system ─▶ Cut (pure: which packets, where) ─▶ TableSketch ─▶ one Batch
///                               └▶ UndoRecord                          sets with a lease
/// ```
///
/// What is cut stands in sets whose elements expire: `confirm` renews them, and when nobody does,
/// packets pass again. A table's name says whose it is; see `OwnershipTag`.
package struct PartitionPlugin: Plugin {
    /// The functions, which differ only in how a cut is described.
    enum Function: String, CaseIterable, Sendable { case link, isolate, groups, host }

    package let manifest: PluginManifest
    /// How long a cut outlives the last sign of life of its run.
    let heartbeat: Duration

    /// Errors: the embedded manifest cannot be read (a mistake in the build).
    package init(heartbeat: Duration = .seconds(15)) throws {
        self.heartbeat = heartbeat
        manifest = try PluginManifest(
            plugin: PackageResources.plugin_json,
            schema: PackageResources.schema_json
        )
    }

    package func fault(_ function: String) -> (any Fault)? {
        Function(rawValue: function).map { PartitionFault(function: $0, heartbeat: heartbeat) }
    }

    package func hostReach(of function: String, _ context: StepContext) throws -> String? {
        function == Function.host.rawValue ? try Cut.hostReach(context) : nil
    }

    /// The tables of the namespace that is hit; those of others come and go as they like.
    package func hostFacts(of function: String, _ context: StepContext) async throws -> [HostFact] {
        guard let function = Function(rawValue: function) else { return [] }
        let fault = PartitionFault(function: function, heartbeat: heartbeat)
        let namespace = try fault.describe(context).0.namespace
        let tables = try NFTablesConnection(in: namespace).tables().map(\.description).sorted()
        let subject = "the tables of nf_tables in \(namespace)"
        return [HostFact(subject, tables.joined(separator: ", "), isShared: true)]
    }

    /// Looks through every namespace with a name or a process.
    package func leftovers() async throws -> [Leftover] {
        var found: [Leftover] = []
        for namespace in NetworkNamespace.all() {
            // Where we may not look we could not have placed anything either.
            guard let connection = try? NFTablesConnection(in: namespace),
                let owned = try? connection.ownedTables()
            else { continue }
            for (tag, tables) in Dictionary(grouping: owned, by: \.tag) {
                guard let place = CutPlace(namespace, tag, tables.map(\.table.family)) else {
                    continue
                }
                found.append(
                    Leftover(
                        runID: tag.run,
                        owner: tag.pid,
                        isOwnerAlive: tag.isOwnerAlive,
                        undo: place.undo(target: namespace.description, state: [:])
                    )
                )
            }
        }
        return found
    }
}

/// Why packets could not be cut, counted or let through again.
struct PartitionError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

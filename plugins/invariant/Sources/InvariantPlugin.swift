import ChaosModel
package import ChaosPluginAPI
import JSON

/// What must be true of the shop's data, judged over snapshots of its databases.
///
/// ```
/// orders-db  inventory-db  payments-db  processor-db        clients' history
///      └───────────┴──── observers ┴───────────┘                   │
///                            ▼                                     │
///                       Observation ◀──────────────────────────────┘
///                            ▼
///            Invariants/<Name>.swift: pure predicates ─▶ findings with witnesses
/// ```
///
/// Observers use each database's own socket and a read-only, repeatable-read snapshot, so that no
/// fault can blind them and no reading disturbs. To add an invariant: one file in `Invariants/`,
/// one line in its registry.
package struct InvariantPlugin: Plugin {
    package let manifest: PluginManifest

    /// Errors: the embedded manifest cannot be read (a mistake in the build).
    package init() throws {
        manifest = try PluginManifest(
            plugin: PackageResources.plugin_json,
            schema: PackageResources.schema_json
        )
    }

    package func probe(_ function: String) -> (any Probe)? {
        switch function {
        case "holds": HoldsProbe()
        case "settled": SettledProbe()
        default: nil
        }
    }
}

/// Why an invariant could not be judged.
struct InvariantError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

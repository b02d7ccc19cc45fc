package import ChaosPluginAPI

/// Makes the wall clock of a process wrong.
///
/// ```
/// arguments ─▶ ClockMovement ─▶ ClockSetting ─▶ ControlFile (preload) or VDSOPatch (patch)
///                                                    │
///                           readings made inside the process: the effect
/// ```
package struct ClockPlugin: Plugin {
    package let manifest: PluginManifest

    /// Errors: the embedded manifest cannot be read (a mistake in the build).
    package init() throws {
        manifest = try PluginManifest(
            plugin: PackageResources.plugin_json,
            schema: PackageResources.schema_json
        )
    }

    package func fault(_ function: String) -> (any Fault)? {
        ClockMovement.Kind(rawValue: function).map { ClockFault(kind: $0) }
    }
}

/// Why a clock could not be moved, read or set right.
struct ClockError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

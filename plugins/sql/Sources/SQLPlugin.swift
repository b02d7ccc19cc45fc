package import ChaosPluginAPI

/// Asks a PostgreSQL database one question, or tells it one thing, in a transaction of its own.
///
/// ```
/// arguments ─▶ the service's observer, or a conninfo ─┬─▶ query: BEGIN READ ONLY ─▶ rows ─▶ JSON
///                                                     └─▶ execute: BEGIN · statement · COMMIT
/// ```
///
/// The observer's connection never passes through the proxy, so that no fault can blind the probe.
package struct SQLPlugin: Plugin {
    package let manifest: PluginManifest

    /// Errors: the embedded manifest cannot be read (a mistake in the build).
    package init() throws {
        manifest = try PluginManifest(
            plugin: PackageResources.plugin_json,
            schema: PackageResources.schema_json
        )
    }

    package func action(_ function: String) -> (any Action)? {
        function == "execute" ? ExecuteAction() : nil
    }

    package func probe(_ function: String) -> (any Probe)? {
        function == "query" ? QueryProbe() : nil
    }
}

/// Why a query could not be asked or answered.
struct SQLError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

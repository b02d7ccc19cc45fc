package import ChaosPluginAPI

/// Makes HTTP requests: the Chaos Toolkit's `http` provider, and a short `get`.
///
/// ```
/// provider {url, method, headers, arguments, timeout} ─▶ RequestForm ─▶ our client
///                                                   ─▶ {status, headers, body}
/// ```
package struct HTTPPlugin: Plugin {
    package let manifest: PluginManifest

    /// Errors: the embedded manifest cannot be read (a mistake in the build).
    package init() throws {
        manifest = try PluginManifest(
            plugin: PackageResources.plugin_json,
            schema: PackageResources.schema_json
        )
    }

    package func action(_ function: String) -> (any Action)? {
        function == "request" ? RequestStep() : nil
    }

    package func probe(_ function: String) -> (any Probe)? {
        switch function {
        case "read": RequestStep()
        case "get": GetProbe()
        default: nil
        }
    }
}

/// Why a request could not be made.
struct HTTPStepError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

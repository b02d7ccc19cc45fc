package import ChaosPluginAPI
import JSON

/// Faults of the links that the proxy carries.
///
/// ```
/// prepare: GET proxy ─▶ record ─▶ inject: POST toxic with a lease ─▶ confirm: renew, read hits
///                  revert: DELETE toxic (404 is fine) ─▶ confirmReverted: GET is 404
/// ```
///
/// A toxic is named after the run; its lease ends 15 s after the last `confirm`.
package struct ToxicPlugin: Plugin {
    package let manifest: PluginManifest

    /// Errors: the embedded manifest cannot be read (a mistake in the build).
    package init() throws {
        manifest = try PluginManifest(
            plugin: PackageResources.plugin_json,
            schema: PackageResources.schema_json
        )
    }

    /// Whether the link is up, and its toxics.
    package func hostFacts(of function: String, _ context: StepContext) async throws -> [HostFact] {
        guard let state = try? await LinkState.read(context) else { return [] }
        let toxics = (state.proxy["toxics"]?.arrayValue ?? []).compactMap {
            $0["name"]?.stringValue
        }
        let isEnabled = state.proxy["enabled"] != false
        let value = ([isEnabled ? "up" : "down"] + toxics.sorted()).joined(separator: ", ")
        return [HostFact("the link \(state.link)", value)]
    }

    package func fault(_ function: String) -> (any Fault)? {
        if function == DownFault.function { return DownFault() }
        return ToxicForm.forms.first { $0.function == function }.map { ToxicFault(form: $0) }
    }
}

/// Why a fault of a link could not be prepared, injected, observed or undone.
struct ToxicError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

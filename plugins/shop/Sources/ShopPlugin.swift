package import ChaosPluginAPI
import JSON

/// Faults of the bundled shop's own: its card processor does what it is told, also to misbehave.
///
/// ```
/// prepare: GET ─▶ record ─▶ inject: PUT with a lease ─▶ confirm: PATCH renews it, tells the hits
///        revert: DELETE (404 is fine) ─▶ confirmReverted: GET has no such name
/// ```
package struct ShopPlugin: Plugin {
    package let manifest: PluginManifest

    /// Errors: the embedded manifest cannot be read (a mistake in the build).
    package init() throws {
        manifest = try PluginManifest(
            plugin: PackageResources.plugin_json,
            schema: PackageResources.schema_json
        )
    }

    package func fault(_ function: String) -> (any Fault)? {
        function == BehaviourFault.function ? BehaviourFault() : nil
    }

    /// In what ways the processor misbehaves.
    package func hostFacts(of function: String, _ context: StepContext) async throws -> [HostFact] {
        guard let processor = try? ProcessorAPI.find(context),
            let names = try? await processor.behaviours()
        else { return [] }
        let value = names.isEmpty ? "behaves" : names.sorted().joined(separator: ", ")
        return [HostFact("the processor at \(processor.url)", value)]
    }
}

/// Why a fault of the shop could not be prepared, injected, observed or undone.
struct ShopFaultError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

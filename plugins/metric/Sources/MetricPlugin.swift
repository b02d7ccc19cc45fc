package import ChaosPluginAPI

/// Reads the load's live figures: success ratio, latency, throughput of a phase.
///
/// ```
/// load generator ─ counts by planned start ─▶ MetricSource ─▶ probe ─▶ one cumulative number
/// ```
///
/// Too few observations are an error and never a number: a quantile of three values proves nothing.
package struct MetricPlugin: Plugin {
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
        case "success-ratio": SuccessRatioProbe()
        case "latency": LatencyProbe()
        case "throughput": ThroughputProbe()
        default: nil
        }
    }
}

/// Why there is no figure.
struct MetricError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

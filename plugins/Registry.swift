package import ChaosPluginAPI
import FaultClock
import FaultHTTP
import FaultInvariant
import FaultMetric
import FaultNetem
import FaultPartition
import FaultProcess
import FaultResource
import FaultSQL
import FaultShop
import FaultToxic

/// The plugins that are compiled in: the only list of them in code.
package let bundledPlugins: [any Plugin] = load([
    { try ProcessPlugin() },
    { try HTTPPlugin() },
    { try SQLPlugin() },
    { try MetricPlugin() },
    { try InvariantPlugin() },
    { try ToxicPlugin() },
    { try PartitionPlugin() },
    { try ResourcePlugin() },
    { try ClockPlugin() },
    { try NetemPlugin() },
    { try ShopPlugin() },
])

/// Traps when a manifest that was compiled in cannot be read: then the build is wrong, not its use.
private func load(_ plugins: [() throws -> any Plugin]) -> [any Plugin] {
    plugins.map { make in
        do {
            return try make()
        } catch {
            preconditionFailure("a bundled plugin's manifest is wrong: \(error)")
        }
    }
}

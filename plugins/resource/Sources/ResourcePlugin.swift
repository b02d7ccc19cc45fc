package import ChaosPluginAPI
import JSON
import LinuxSystem

/// Takes away what programs live on.
///
/// ```
/// cpu, memory, disk-full     ─▶ children of ours by a name of their own (die with us, leased)
/// descriptors                ─▶ prlimit of the target's soft limit (the ledger has the former one)
/// connections                ─▶ connections of ours to its PostgreSQL (die with us)
/// slow-fsync, failing-fsync  ─▶ a tracer of ours (dies with us; then the kernel detaches)
/// cpu-quota, memory-limit,
/// process-count              ─▶ a control group of ours, cgroup v2 or v1
/// ```
package struct ResourcePlugin: Plugin {
    package let manifest: PluginManifest

    /// Errors: the embedded manifest cannot be read (a mistake in the build).
    package init() throws {
        manifest = try PluginManifest(
            plugin: PackageResources.plugin_json,
            schema: PackageResources.schema_json
        )
    }

    package func fault(_ function: String) -> (any Fault)? {
        switch function {
        case "cpu": BurdenFault(function: function, unit: "milliseconds of processor time taken")
        case "memory": BurdenFault(function: function, unit: "mebibytes held")
        case "descriptors": DescriptorsFault()
        case "connections": ConnectionsFault()
        case "disk-full": FillFault()
        case "slow-fsync": FlushFault(function: function, unit: "flushes slowed")
        case "failing-fsync": FlushFault(function: function, unit: "flushes failed")
        case "cpu-quota": LimitFault(.processor)
        case "memory-limit": LimitFault(.memory)
        case "process-count": LimitFault(.processes)
        default: nil
        }
    }
}

/// Why a resource could not be taken or given back.
struct ResourceError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

extension UndoRecord {
    /// - Throws: `ResourceError` when the record is not one of ours.
    func text(_ name: String) throws -> String {
        guard let text = state[name]?.stringValue else {
            throw ResourceError(
                "the undo record has no \(name) — \(plugin) \(function) on \(target)."
                    + " Undo the fault by hand and remove the record."
            )
        }
        return text
    }
}

/// Names that tell whose a child or a connection is, with nothing else left.
enum Tag {
    /// At most 15 bytes, which is what the kernel shows of a process's name.
    static func name(_ context: StepContext) -> String {
        // FNV-1a, 64 bits: short, and different for each run and step.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in "\(context.runID)/\(context.seed)".utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x0100_0000_01b3
        }
        return "chaos-" + String(String(hash, radix: 36).prefix(9))
    }
}

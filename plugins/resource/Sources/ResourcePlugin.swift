package import ChaosPluginAPI
import JSON

/// Takes away what programs live on.
///
/// ```
/// cpu, memory   ─▶ children of ours by a name of their own     (die with us, and after a lease)
/// descriptors   ─▶ prlimit of the target's soft limit          (the ledger holds the former one)
/// connections   ─▶ connections of ours to its PostgreSQL       (die with us)
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

package import ChaosPluginAPI
import ChaosTargets
package import JSON
import LinuxSystem
import Netlink

/// Impairs the packets of a network interface: delay, loss, duplication, corruption, reordering,
/// rate and slots, through the kernel's netem discipline, or by a process of ours (nfqueue).
///
/// ```
///            egress                                    ingress
/// prio c4a5: ─┬─ bands 1…3: as without us    ingress ffff: ── filters ──▶ chaos… (ifb)
///             └─ band 4 ── netem c5NN:                                      └─ netem c5NN:
///                  ▲ filters: peers, ports, protocol; never ARP, neighbours, spared ports
/// ```
///
/// Everything of ours carries a `Mark`; what does not carry it is never touched.
package struct NetemPlugin: Plugin {
    package let manifest: PluginManifest

    /// Errors: the embedded manifest cannot be read (a mistake in the build).
    package init() throws {
        manifest = try PluginManifest(
            plugin: PackageResources.plugin_json,
            schema: PackageResources.schema_json
        )
    }

    package func fault(_ function: String) -> (any Fault)? {
        manifest.function(function).map { NetemFault(function: $0.name, unit: $0.effect ?? "") }
    }

    package func backend(of function: String, _ arguments: JSONObject) throws -> String? {
        let backend = try Backend.choose(arguments, seed: 0)
        if backend == .netem { try NetemSupport.check(Selection.Direction.all(arguments)) }
        return backend.rawValue
    }

    /// Everything that passes an interface of this host, or by what it is reached.
    package func hostReach(of function: String, _ context: StepContext) throws -> String? {
        guard let aim = try? Aim(context, .netem),
            let site = try? Site.find(aim.interface, in: aim.namespace),
            try OpenNamespace(named: nil).identity == site.identity
        else { return nil }
        let (selection, name) = (aim.selection, site.interface.name)
        if selection.isEverything {
            return
                "all traffic of this host through \(name) would be impaired. Give peers, ports or"
                + " protocol to hit less"
        }
        let struck = ControlChannel.all(context.system).filter { channel in
            channel.port.map { !selection.sparedPorts.contains($0) } ?? true
        }.struck(ports: selection.ports) { address in
            selection.peers.isEmpty || selection.peers.contains { $0.contains(address) }
        }
        guard !struck.isEmpty else { return nil }
        return "it strikes " + struck.map(\.name).joined(separator: ", ")
    }

    /// The disciplines and filters of the interface that is hit.
    package func hostFacts(of function: String, _ context: StepContext) async throws -> [HostFact] {
        let aim = try Aim(context, try Backend.choose(context.arguments, seed: context.seed))
        guard let site = try? Site.find(aim.interface, in: aim.namespace) else { return [] }
        let subject = "the disciplines and filters of \(SiteRecord(site).target)"
        let lines = try KernelState.read(site).lines
        return [HostFact(subject, lines.joined(separator: "; "))]
    }

    package func leftovers() async throws -> [Leftover] { try await Leftovers.find() }
}

/// Why a fault of an interface could not be prepared, injected, observed or undone.
struct NetemError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

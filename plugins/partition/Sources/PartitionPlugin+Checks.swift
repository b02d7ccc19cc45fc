package import ChaosPluginAPI
import JSON
import LinuxSystem

extension PartitionPlugin {
    /// Cuts a throwaway network namespace from an address of the documentation, and mends it.
    package func selfChecks() async -> [SelfCheck] {
        let verdict = await tryInNamespace()
        return Function.allCases.map {
            SelfCheck(
                $0.rawValue,
                backend: "nf_tables",
                needs: manifest.needs.joined(separator: "; "),
                verdict
            )
        }
    }

    private func tryInNamespace() async -> SelfCheck.Verdict {
        let name = "chaos-doctor-\(ProcessIdentity.current)"
        guard let namespace = NetworkNamespace(named: name), let fault = fault("host") else {
            return .needsNothing
        }
        do {
            try namespace.create()
        } catch {
            return .missing("\(error)", remedy: "run as root, or grant CAP_SYS_ADMIN")
        }
        defer { try? namespace.remove() }
        var context = StepContext(
            runID: "20000101-000000-doctor",
            arguments: [
                "namespace": .string(name), "peers": ["192.0.2.1"], "direction": "in",
                "ports": [], "protocol": "any", "loss": 1, "reject": false,
            ]
        )
        context.lease = .seconds(10)
        do {
            let undo = try await fault.prepare(context)
            try await fault.inject(context, undo)
            _ = try await fault.confirm(context, undo)
            try await fault.revert(undo)
            try await fault.confirmReverted(undo)
            return .works
        } catch {
            return .missing(
                "\(error)",
                remedy: "grant CAP_NET_ADMIN, and use a kernel with nf_tables (Linux 5.16 or newer)"
            )
        }
    }
}

package import ChaosPluginAPI

extension NetemPlugin {
    /// Tries a discipline with filters, and a queue with its rules, in network namespaces that
    /// vanish at once.
    package func selfChecks() async -> [SelfCheck] {
        disciplineChecks() + queueChecks()
    }

    private func queueChecks() -> [SelfCheck] {
        let verdict = Self.verdict { try QueueSupport.check() }
        return manifest.functions.filter { !["rate", "slot"].contains($0.name) }.map { function in
            SelfCheck(
                function.name,
                backend: Backend.nfqueue.rawValue,
                needs: "root, and a kernel with nf_tables, nft_compat, xt_NFQUEUE and"
                    + " nfnetlink_queue",
                verdict
            )
        }
    }

    private func disciplineChecks() -> [SelfCheck] {
        let directions: [(Selection.Direction, String)] = [
            (.egress, "sch_netem, sch_prio, cls_flower"),
            (.ingress, "sch_netem, ifb, act_mirred"),
        ]
        return directions.flatMap { direction, modules in
            let verdict = Self.verdict { try NetemSupport.check([direction]) }
            return manifest.functions.map { function in
                SelfCheck(
                    function.name,
                    backend: "netem \(direction.rawValue)",
                    needs: "root or CAP_NET_ADMIN, and a kernel with \(modules)",
                    verdict
                )
            }
        }
    }

    private static func verdict(_ check: () throws -> Void) -> SelfCheck.Verdict {
        do {
            try check()
            return .works
        } catch {
            // The remedy is the error's last sentence.
            let text = "\(error)"
            let parts = text.split(separator: ". ", maxSplits: 1).map(String.init)
            guard parts.count == 2 else {
                return .missing(text, remedy: "run as root or grant CAP_NET_ADMIN")
            }
            return .missing(parts[0], remedy: parts[1])
        }
    }
}

package import ChaosPluginAPI

extension NetemPlugin {
    /// Tries a discipline with filters in a network namespace that vanishes at once.
    package func selfChecks() async -> [SelfCheck] {
        let directions: [(Selection.Direction, String)] = [
            (.egress, "sch_netem, sch_prio, cls_flower"),
            (.ingress, "sch_netem, ifb, act_mirred"),
        ]
        return directions.flatMap { direction, modules in
            let verdict = Self.tried(direction)
            return manifest.functions.map { function in
                SelfCheck(
                    function.name,
                    backend: direction.rawValue,
                    needs: "root or CAP_NET_ADMIN, and a kernel with \(modules)",
                    verdict
                )
            }
        }
    }

    private static func tried(_ direction: Selection.Direction) -> SelfCheck.Verdict {
        do {
            try NetemSupport.check([direction])
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

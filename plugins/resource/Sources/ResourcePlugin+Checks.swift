package import ChaosPluginAPI
import LinuxSystem

extension ResourcePlugin {
    /// Burdens this host for a moment, and lowers and restores the limit of that child.
    package func selfChecks() async -> [SelfCheck] {
        let name = "chaos-d\(ProcessIdentity.current)"
        defer { BurdenProcess.killAll(name: name) }
        let children: SelfCheck.Verdict
        let limits: SelfCheck.Verdict
        do {
            let child = try BurdenProcess.start(
                .processor(percent: 1),
                name: name,
                lease: .seconds(5)
            )
            children = .works
            limits = Self.tryLimit(child.pid)
        } catch {
            children = .missing("\(error)", remedy: "raise the limit of processes (ulimit -u)")
            limits = children
        }
        return [
            SelfCheck("cpu", backend: "children of ours", children),
            SelfCheck("memory", backend: "a child of ours", children),
            SelfCheck("descriptors", backend: "prlimit", limits),
            SelfCheck(
                "connections",
                backend: "libpq",
                needs: "a PostgreSQL server with an observer",
                .needsNothing
            ),
        ]
    }

    private static func tryLimit(_ pid: Int32) -> SelfCheck.Verdict {
        do {
            let former = try OpenFileLimit.of(pid)
            try OpenFileLimit.setSoft(former.soft - 1, of: pid)
            let lowered = try OpenFileLimit.of(pid)
            try OpenFileLimit.setSoft(former.soft, of: pid)
            let restored = try OpenFileLimit.of(pid)
            guard lowered.soft == former.soft - 1, restored == former else {
                return .missing(
                    "the limit of a child did not change",
                    remedy: "allow prlimit on processes of the same user"
                )
            }
            return .works
        } catch {
            return .missing("\(error)", remedy: "allow prlimit on processes of the same user")
        }
    }
}

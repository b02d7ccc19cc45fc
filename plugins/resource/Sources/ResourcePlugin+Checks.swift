package import ChaosPluginAPI
import LinuxSystem
import ProcessTrace

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
            SelfCheck("disk-full", backend: "a child of ours", children),
            traceCheck("slow-fsync"), traceCheck("failing-fsync"),
            limitCheck("cpu-quota", .processor), limitCheck("memory-limit", .memory),
            limitCheck("process-count", .processes),
            SelfCheck(
                "connections",
                backend: "libpq",
                needs: "a PostgreSQL server with an observer",
                .needsNothing
            ),
        ]
    }

    private func traceCheck(_ function: String) -> SelfCheck {
        SelfCheck(
            function,
            backend: "ptrace",
            needs: "x86-64, and root or the user of the process",
            FlushTraceProcess.isPossible
                ? .needsNothing
                : .missing(
                    "flushes are traced on x86-64 only",
                    remedy: "use disk-full, or a machine of that kind"
                )
        )
    }

    /// Makes and removes a group.
    private func limitCheck(_ function: String, _ resource: LimitGroup.Resource) -> SelfCheck {
        let word = resource.rawValue
        guard let hierarchy = LimitGroup.Hierarchy.of(resource) else {
            return SelfCheck(
                function,
                backend: "cgroup",
                .missing(
                    "no control group of this host limits it",
                    remedy: "mount cgroup v2 with the controller \(word)"
                )
            )
        }
        let backend = "cgroup v\(hierarchy.version)"
        let group = LimitGroup(hierarchy, name: LimitedProcesses.name(seed: 0))
        let handsDown = group.isHandedDown
        do {
            try group.create()
            try group.limit(resource == .memory ? 64 << 20 : 100)
            try group.remove(handsDown: handsDown)
            return SelfCheck(function, backend: backend, .works)
        } catch {
            try? group.remove(handsDown: handsDown)
            return SelfCheck(
                function,
                backend: backend,
                .missing("\(error)", remedy: "run as root, with \(hierarchy.mount) writable")
            )
        }
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

package import ChaosPluginAPI
import EventLoop
import Glibc
import LinuxSystem

extension ProcessPlugin {
    /// Stops, lets go and kills a child of our own.
    package func selfChecks() async -> [SelfCheck] {
        let verdict = await Self.tryOnChild()
        let checks = ["kill", "restart", "crash-loop", "pause"].map {
            SelfCheck($0, backend: "pidfd", needs: "a kernel with pidfd_send_signal", verdict)
        }
        let frozen = await Self.tryFreezing()
        return checks + [
            SelfCheck("freeze", backend: "cgroup v2", needs: "a mounted cgroup v2", frozen)
        ]
    }

    private static func tryFreezing() async -> SelfCheck.Verdict {
        guard let mount = ControlGroup.mount else {
            return .missing(
                "cgroup v2 is not mounted",
                remedy: "mount -t cgroup2 none /sys/fs/cgroup/unified; or use pause"
            )
        }
        let name = "cd-ice\(ProcessIdentity.current % 100_000)"
        let group = ControlGroup(mount: mount, name: FrozenGroup.name(seed: 0))
        defer {
            BurdenProcess.killAll(name: name)
            try? group.remove()
        }
        do {
            let child = try BurdenProcess.start(
                .processor(percent: 1),
                name: name,
                lease: .seconds(10)
            )
            let former = ControlGroup.name(of: child.pid) ?? "/"
            try group.create()
            try group.add(child.pid)
            try group.setFrozen(true)
            for _ in 0..<200 where !group.isFrozen {
                try await Loop.current?.sleep(for: .milliseconds(10))
            }
            let isFrozen = group.isFrozen
            try group.setFrozen(false)
            try ControlGroup(mount: mount, name: former).add(child.pid)
            guard isFrozen else {
                return .missing("a child of ours did not freeze", remedy: "use pause")
            }
            return .works
        } catch {
            return .missing("\(error)", remedy: "run as root, or use pause")
        }
    }

    private static func tryOnChild() async -> SelfCheck.Verdict {
        let name = "cd-\(ProcessIdentity.current)"
        defer { BurdenProcess.killAll(name: name) }
        do {
            let child = try BurdenProcess.start(
                .processor(percent: 1),
                name: name,
                lease: .seconds(10)
            )
            let handle = try ProcessHandle.open(child.pid, startTime: child.startTime)
            try handle?.signal(SIGSTOP)
            guard await becomes(child.pid, { $0 == "T" }) else {
                return .missing(
                    "a child of ours did not stop",
                    remedy: "look for a tracer or a sandbox that withholds SIGSTOP"
                )
            }
            try handle?.signal(SIGCONT)
            guard await becomes(child.pid, { $0 != "T" }) else {
                return .missing(
                    "a child of ours did not go on",
                    remedy: "look for a tracer or a sandbox that withholds SIGCONT"
                )
            }
            return .works
        } catch {
            return .missing("\(error)", remedy: "allow pidfd_open and pidfd_send_signal")
        }
    }

    private static func becomes(_ pid: Int32, _ isWanted: (Character) -> Bool) async -> Bool {
        for _ in 0..<200 {
            if let entry = ProcessTable.entry(pid), isWanted(entry.state) { return true }
            try? await Loop.current?.sleep(for: .milliseconds(10))
        }
        return false
    }
}

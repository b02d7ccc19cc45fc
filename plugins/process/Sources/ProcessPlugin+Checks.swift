package import ChaosPluginAPI
import EventLoop
import Glibc
import LinuxSystem

extension ProcessPlugin {
    /// Stops, lets go and kills a child of our own.
    package func selfChecks() async -> [SelfCheck] {
        let verdict = await Self.tryOnChild()
        return ["kill", "restart", "crash-loop", "pause"].map {
            SelfCheck($0, backend: "pidfd", needs: "a kernel with pidfd_send_signal", verdict)
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

package import ChaosPluginAPI
import EventLoop
import LinuxSystem
import ProcessClock

extension ClockPlugin {
    /// Patches and restores a child of ours that reads its clock all the time.
    package func selfChecks() async -> [SelfCheck] {
        let verdict = await Self.tryOnChild()
        return ["offset", "drift", "jump"].flatMap { function in
            [
                SelfCheck(
                    function,
                    backend: "preload",
                    needs: "the program started by chaos clock exec",
                    .needsNothing
                ),
                SelfCheck(
                    function,
                    backend: "patch",
                    needs: "x86-64 and the right to trace the process",
                    verdict
                ),
            ]
        }
    }

    private static func tryOnChild() async -> SelfCheck.Verdict {
        let name = "cd-clock\(ProcessIdentity.current % 100_000)"
        defer { BurdenProcess.killAll(name: name) }
        do {
            let child = try BurdenProcess.start(
                .processor(percent: 1),
                name: name,
                lease: .seconds(10)
            )
            if case .unfit(let why, let remedy) = VDSOPatch.fitness(of: child.pid) {
                return .missing(why, remedy: remedy)
            }
            try await VDSOPatch.apply(ClockSetting(offset: 1), to: child.pid, tag: "doctor")
            let isMoved = VDSOPatch.state(of: child.pid) != nil
            try await VDSOPatch.remove(from: child.pid)
            guard isMoved, VDSOPatch.state(of: child.pid) == nil else {
                return .missing(
                    "the clock of a child was not moved and restored",
                    remedy: "use chaos clock exec"
                )
            }
            return .works
        } catch {
            return .missing("\(error)", remedy: "grant CAP_SYS_PTRACE, or use chaos clock exec")
        }
    }
}

import BundledPlugins
import ChaosPluginAPI
import EventLoop
import JSON
import LinuxSystem
import RunnerFixtures
import Testing

/// The rows of the crash table that take a kernel with netem: `make lab` runs them and puts them
/// into docs/safety.md.
@Suite(
    .serialized,
    .timeLimit(.minutes(30)),
    .enabled(if: KernelNetem.isPossible, "they run in the lab (make lab), whose kernel has netem")
)
struct CrashLabTests {
    @Test func `whoever is killed at whatever step, no discipline of the kernel is left`()
        async throws
    {
        for name in CrashSubject.Name.ofLab {
            for point in KillPoint.allCases { try await CrashTableTests.kill(name, at: point) }
        }
        try await CrashTableTests.killAtRandom(20, of: CrashSubject.Name.ofLab)
        for name in CrashSubject.Name.ofLab { try await RecoverByTagTests.recover(name) }
        guard let directory = Environment.get("CHAOS_LAB_OUT") else { return }
        let text = "\n\(CrashPage.measured(CrashSubject.Name.ofLab))\n"
        let path = "\(directory)/\(CrashPage.labPart)"
        try SystemFiles.writeAtomically(path, Array(text.utf8), mode: 0o644)
    }
}

private enum KernelNetem {
    static let isPossible: Bool = {
        let netem = bundledPlugins.first { $0.manifest.name == "netem" }
        let backend = try? netem?.backend(of: "delay", ["delay": 1, "direction": "both"])
        return UserAccount.isRoot && backend == "netem"
    }()
}

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
    @Test func `whoever is killed at whatever step, nothing of the kernel is left`()
        async throws
    {
        for fault in CrashFault.ofLab {
            for point in KillPoint.allCases {
                for victims in Victims.allCases {
                    try await CrashTableTests.kill(fault, at: point, victims)
                }
            }
        }
        try await CrashTableTests.killAtRandom(20, of: CrashFault.ofLab)
        for fault in CrashFault.ofLab { try await RecoverByTagTests.recover(fault) }
        guard let directory = Environment.get("CHAOS_LAB_OUT") else { return }
        let text = "\n\(CrashPage.measured(CrashFault.ofLab))\n"
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

import EventLoop
import LinuxSystem
import Testing

/// The smoke part of the lab: this very test bundle, booted on a kernel that has netem.
///
/// `make lab` runs all of it and takes its time; this stays under a minute.
struct LabTests {
    /// In the lab itself nothing boots another lab.
    private static let isInside = HostFacts.distribution == "the lab"

    /// How long QEMU may take on a busy machine; it needs about ten seconds on an idle one.
    private static let limit = Duration.seconds(500)

    private static let root: String = {
        let parts = #filePath.split(separator: "/").dropLast(3)
        return "/" + parts.joined(separator: "/")
    }()

    @Test(.enabled(if: !isInside, "the lab does not boot itself"))
    func `in the lab netem is measured as it was set, and one fault keeps its promises`()
        async throws
    {
        let directory = try SystemFiles.makeTemporaryDirectory(prefix: "chaos-lab-test")
        defer { try? SystemFiles.removeTree(directory) }
        let output = directory + "/output.txt"
        let filter = "the smoke part|only the port|netem promises in short"
        var request = SpawnRequest(
            executable: Self.root + "/.ci/lab/run",
            arguments: [
                "-t", "400", "-m", "1536", "-f", "\(executablePath()):/lab/tests", "--",
                "/lab/tests --testing-library swift-testing --no-parallel --filter '\(filter)'",
            ]
        )
        request.stdout = .file(output, append: false)
        request.stderr = .file(output, append: true)
        let status = try await Self.run(request)
        let text = String(decoding: try SystemFiles.read(output), as: UTF8.self)
        #expect(status == .exited(0), "\(text)")
        // Three tests ran, so nothing was skipped for want of netem.
        #expect(text.contains("Test run with 3 tests"), "\(text)")
        #expect(!text.contains("skipped"), "\(text)")
    }

    private static func run(_ request: SpawnRequest) async throws -> LinuxSystem.ExitStatus {
        let loop = try Loop.start(label: "lab-test")
        defer { loop.stop() }
        return try await loop.spawn {
            let child = try ChildProcess.spawn(request)
            do {
                return try await withDeadline(limit) { try await child.wait() }
            } catch {
                child.signalGroup(15)
                throw error
            }
        }.value
    }
}

import EventLoop
import Glibc
import LinuxSystem
import Testing

@testable import ChaosTargets

/// A process that serves the whole host is known by its name.
@Suite struct HostServiceTests {
    @Test func `sshd serves the host, a program does not`() async throws {
        let loop = try Loop.start(label: "host service")
        defer { loop.stop() }
        let directory = try SystemFiles.makeTemporaryDirectory(prefix: "chaos-targets-")
        defer { try? SystemFiles.removeTree(directory) }
        try SystemFiles.writeAtomically(
            "\(directory)/sshd",
            try SystemFiles.read("/bin/sleep"),
            mode: 0o755
        )
        for (program, isService) in [("\(directory)/sshd", true), ("/bin/sleep", false)] {
            let child = try await loop.spawn {
                var request = SpawnRequest(executable: program, arguments: ["600"])
                request.dieWithParent = true
                return try ChildProcess.spawn(request)
            }.value
            let why = OwnBranch.service(of: child.pid)
            #expect((why != nil) == isService, "\(program): \(why ?? "no")")
            kill(child.pid, SIGKILL)
        }
    }
}

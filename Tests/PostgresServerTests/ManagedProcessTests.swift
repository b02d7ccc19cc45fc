import EventLoop
import LinuxSystem
import Testing

@testable import PostgresServer

@Suite(.timeLimit(.minutes(1))) struct ManagedProcessTests {
    private func onLoop(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await PostgresClusterTests.loop.spawn(body).value
    }

    private func shell(_ script: String) throws -> ManagedProcess {
        var request = SpawnRequest(executable: "/bin/sh", arguments: ["-c", script])
        request.stdout = .null
        request.dieWithParent = true
        return try ManagedProcess.start(request)
    }

    @Test func `several parties learn of the end, later ones too`() async throws {
        try await onLoop {
            let process = try shell("exit 7")
            async let first = process.wait()
            async let second = process.wait()
            #expect(try await [first, second] == [.exited(7), .exited(7)])
            #expect(try await process.wait() == .exited(7))
        }
    }

    @Test func `a wait can be cut short and the process goes on`() async throws {
        try await onLoop {
            let process = try shell("exec sleep 30")
            await #expect(throws: DeadlineExceeded.self) {
                try await withDeadline(.milliseconds(20)) { try await process.wait() }
            }
            #expect(process.status == nil)
            await process.stop([])
            #expect(process.status == .signalled(9))
        }
    }

    @Test func `a process that ignores SIGTERM is killed when patience ends`() async throws {
        try await onLoop {
            let folder = try SystemFiles.makeTemporaryDirectory(prefix: "chaos-stop-")
            defer { try? SystemFiles.removeTree(folder) }
            let process = try shell("trap '' TERM; : > \(folder)/ready; sleep 30 & wait; wait")
            while !SystemFiles.exists(folder + "/ready") {
                try await Loop.current?.sleep(for: .milliseconds(1))
            }
            await process.stop([(15, .milliseconds(50))])
            #expect(process.status == .signalled(9))
        }
    }

    @Test func `stopping is not cut short in a cancelled task`() async throws {
        try await onLoop {
            let process = try shell("exec sleep 30")
            let task = PostgresClusterTests.loop.spawn {
                unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
                await process.stop([(15, .seconds(10))])
            }
            try await task.value
            #expect(process.status == .signalled(15))
        }
    }
}

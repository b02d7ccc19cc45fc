import ChaosModel
import ChaosPluginAPI
import EventLoop
import Glibc
import JSON
import LinuxSystem
import Synchronization
import Testing

@testable import FaultResource

/// What the suites of this plugin share: a loop, a directory, programs of the shell.
final class ResourceRig: Sendable {
    let directory: String
    private let started = Mutex<[ChildProcess]>([])

    private init(directory: String) {
        self.directory = directory
    }

    static func run(_ body: @escaping @Sendable (ResourceRig) async throws -> Void) async throws {
        let loop = try Loop.start(label: "resource-test")
        defer { loop.stop() }
        try await loop.spawn {
            let rig = ResourceRig(
                directory: try SystemFiles.makeTemporaryDirectory(prefix: "chaos-resource-")
            )
            defer { try? SystemFiles.removeTree(rig.directory) }
            // Whatever a test that failed has left running.
            defer { for child in rig.started.withLock({ $0 }) { child.signalGroup(SIGKILL) } }
            try await withDeadline(.seconds(90)) { try await body(rig) }
        }.value
    }

    func fault(_ function: String) throws -> any Fault {
        try #require(try ResourcePlugin().fault(function))
    }

    /// A context whose tag no other test has, which hits a process.
    func context(_ arguments: JSONObject, _ child: ChildProcess? = nil) -> StepContext {
        var context = StepContext(
            runID: "test-\(getpid())",
            arguments: arguments,
            seed: UInt64.random(in: 0 ... .max)
        )
        if let child { context.target = .process("\(child.pid)") }
        return context
    }

    /// A program of the shell in a session of its own, with the directory as its own.
    ///
    /// It dies with the test's loop, also when the test process is killed.
    func shell(_ script: String) throws -> ChildProcess {
        var request = SpawnRequest(executable: "/bin/bash", arguments: ["-c", script])
        request.newSession = true
        request.dieWithParent = true
        request.directory = directory
        request.stdout = .null
        request.stderr = .null
        let child = try ChildProcess.spawn(request)
        started.withLock { $0.append(child) }
        return child
    }

    /// Ends a program with everything that it started.
    func end(_ child: ChildProcess) async throws {
        child.signalGroup(SIGKILL)
        started.withLock { $0.removeAll { $0.pid == child.pid } }
        _ = try await child.wait()
    }

    func until(_ what: String, _ fact: () async throws -> Bool) async throws {
        for _ in 0..<4_000 {
            if try await fact() { return }
            try await Loop.current?.sleep(for: .milliseconds(10))
        }
        Issue.record("never: \(what)")
    }

    /// How many lines a file has; 0 when it is not there.
    func lines(_ file: String) -> Int {
        ((try? SystemFiles.read("\(directory)/\(file)")) ?? []).count { $0 == 10 }
    }

    /// Injects, has a body look at it, undoes twice, and checks that nothing is left.
    func life(
        _ fault: any Fault,
        _ context: StepContext,
        _ body: (UndoRecord) async throws -> Void
    ) async throws {
        let undo = try await fault.prepare(context)
        // A revert before the first effect, as after a crash between the two, is fine too.
        try await fault.revert(undo)
        try await fault.inject(context, undo)
        await #expect(throws: ResourceError.self) { try await fault.confirmReverted(undo) }
        do { try await body(undo) } catch {
            try await fault.revert(undo)
            throw error
        }
        for _ in 1...2 {
            try await fault.revert(undo)
            try await fault.confirmReverted(undo)
        }
    }
}

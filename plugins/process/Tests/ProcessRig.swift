import ChaosModel
import ChaosPluginAPI
import EventLoop
import Glibc
import JSON
import LinuxSystem
import Testing

@testable import FaultProcess

/// A process to hit, under a supervisor that starts it again; all of it goes with the test.
// Unchecked: everything happens on the rig's loop.
final class ProcessRig: @unchecked Sendable {
    let directory: String
    private let supervisor: ChildProcess

    /// Starts `while true; do PROGRAM & wait; done` and waits until the first one runs.
    private init(_ program: String) async throws {
        directory = try SystemFiles.makeTemporaryDirectory(prefix: "chaos-process-")
        let loop = """
            while :; do \(program) & echo $! > \(directory)/new; \
            mv \(directory)/new \(directory)/pid; wait $!; done
            """
        var request = SpawnRequest(executable: "/bin/sh", arguments: ["-c", loop])
        request.newSession = true
        request.dieWithParent = true
        request.stdout = .null
        request.stderr = .null
        supervisor = try ChildProcess.spawn(request)
    }

    /// Runs a test with a time limit and cleans up.
    static func run(
        _ program: String = "sleep 600",
        _ body: @escaping @Sendable (ProcessRig) async throws -> Void
    ) async throws {
        let loop = try Loop.start(label: "process-test")
        defer { loop.stop() }
        try await loop.spawn {
            let rig = try await ProcessRig(program)
            do {
                try await withDeadline(.seconds(60)) {
                    try await rig.until("the process runs") { rig.pid != nil }
                    try await body(rig)
                }
            } catch {
                try await rig.stop()
                throw error
            }
            try await rig.stop()
        }.value
    }

    private func stop() async throws {
        supervisor.signalGroup(SIGKILL)
        _ = try await supervisor.wait()
        try SystemFiles.removeTree(directory)
    }

    var file: String { "\(directory)/pid" }

    /// The process that runs now.
    var pid: Int32? {
        guard let bytes = try? SystemFiles.read(file) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self).filter(\.isNumber)
        return Int32(text).flatMap { (ProcessTable.entry($0)?.state ?? "Z") == "Z" ? nil : $0 }
    }

    func state(_ pid: Int32) -> Character? { ProcessTable.entry(pid)?.state }

    func context(_ arguments: JSONObject = [:]) -> StepContext {
        var context = StepContext(runID: "r1", arguments: arguments, seed: 7)
        context.target = .process(file)
        return context
    }

    func fault(_ function: String) throws -> any Fault {
        try #require(try ProcessPlugin().fault(function))
    }

    /// Looks until a fact is true; the time limit of the test is the bound.
    func until(_ what: String, _ fact: () async throws -> Bool) async throws {
        for _ in 0..<2_000 {
            if try await fact() { return }
            try await Loop.current?.sleep(for: .milliseconds(10))
        }
        Issue.record("never: \(what)")
    }
}

import ChaosJournal
import EventLoop
import Glibc
import JSON
import LinuxSystem
import RunnerFixtures
import Testing

@testable import ChaosRunner

/// The program `runner-host` as a child process, in a sandbox of its own.
struct HostProcess {
    let sandbox: Sandbox
    let child: ChildProcess

    /// The program stands beside the test bundle.
    static var executable: String {
        SystemFiles.parent(of: executablePath()) + "/runner-host"
    }

    init(sandbox: Sandbox, child: ChildProcess) {
        self.sandbox = sandbox
        self.child = child
    }

    /// Starts a run with one marker; on a loop.
    init(_ sandbox: Sandbox, hold: Duration, killAt: KillPoint? = nil) throws {
        self.sandbox = sandbox
        let milliseconds = hold / .milliseconds(1)
        var request = SpawnRequest(
            executable: Self.executable,
            arguments: ["run", sandbox.output, sandbox.marker, String(Int(milliseconds))]
                + (killAt.map { [$0.rawValue] } ?? [])
        )
        request.environment = Environment.all() + ["CHAOS_STATE_DIR=\(sandbox.directory)"]
        request.stdout = .null
        request.stderr = .file("\(sandbox.directory)/stderr", append: true)
        request.newSession = true
        child = try ChildProcess.spawn(request)
    }
}

extension Sandbox {
    var output: String { "\(directory)/runs" }
    /// The directory of the latest run.
    var latest: String { "\(output)/markers/latest" }

    /// What the latest run's guardian recorded.
    var guardianStates: [GuardianRecord.State] {
        GuardianRecord.read(directory: latest).map(\.state)
    }

    /// The events of the latest run.
    func events() throws -> [JournalEvent] {
        JournalReader.events(in: try SystemFiles.read("\(latest)/journal.jsonl")).events
    }

    /// The states of the latest run's fault, in order.
    func faultStates() throws -> [FaultTransition.State] {
        try events().compactMap { event in
            guard case .fault(let transition) = event.payload else { return nil }
            return transition.state
        }
    }
}

/// Waits for a fact that another process brings about, looking every few milliseconds; the limit is
/// when to give up, not how long to wait.
func eventually(
    within limit: Duration,
    _ loop: Loop,
    _ fact: () throws -> Bool
) async throws -> Bool {
    let end = Loop.monotonicNanoseconds() + limit.nanosecondsClamped
    while try !fact() {
        guard Loop.monotonicNanoseconds() < end else { return false }
        try await loop.sleep(for: .milliseconds(5))
    }
    return true
}

/// The processes whose command line contains every one of these words.
func processes(with words: [String]) throws -> [Int32] {
    try SystemFiles.list("/proc").compactMap { Int32($0) }.filter { pid in
        guard let bytes = try? SystemFiles.read("/proc/\(pid)/cmdline") else { return false }
        let line = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        return words.allSatisfy(line.contains)
    }
}

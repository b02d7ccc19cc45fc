import BundledPlugins
import EventLoop
import Glibc
import LinuxSystem
import RunnerFixtures
import Testing

@testable import ChaosRunner

/// A run whose runner, guardian or both are killed from outside, at a moment of chance.
struct RandomKilling: Sendable, CustomStringConvertible {
    let number: Int
    let fault: CrashFault
    let victims: Victims
    /// From the start of the run on.
    let delay: Duration

    init(_ number: Int, _ faults: [CrashFault], _ generator: inout Seeded) {
        self.number = number
        victims = Victims.allCases.randomElement(using: &generator) ?? .both
        let point = KillPoint.allCases.randomElement(using: &generator) ?? .prepare
        fault = (faults.randomElement(using: &generator) ?? .pause).turn(point, victims)
        delay = .microseconds(Int64.random(in: 0...900_000, using: &generator))
    }

    var description: String {
        "killing \(number): \(victims.rawValue) of \(fault.title) after \(delay)"
    }

    /// Whether nothing is left once guardian, kernel and `recover` have had their turn; on a loop.
    func leavesNothing(_ loop: Loop) async throws -> Bool {
        let sandbox = try Sandbox()
        defer { sandbox.remove() }
        var subject = try await CrashSubject.start(fault, sandbox)
        subject.specification.hold = .milliseconds(150)
        let host = try HostProcess(sandbox, subject.specification)
        try await loop.sleep(for: delay)
        if victims != .runner { killGuardian(of: host) }
        if victims != .guardian { host.child.signal(SIGKILL) }
        _ = try await withDeadline(.seconds(30)) { try await host.child.wait() }
        // A guardian that is left ends by itself; nobody else may act when `recover` is judged.
        _ = try await eventually(within: .seconds(15), loop) {
            try processes(with: ["guardian", Self.runID(sandbox)]).isEmpty
        }
        let report = await Recovery.recover(
            plugins: bundledPlugins,
            ledger: sandbox.ledger,
            loop: loop
        )
        let isClean = try await subject.isClean()
        #expect(report.isClean, "\(self): \(report.failed)")
        try await subject.stop()
        return try isClean && report.isClean && sandbox.ledger.accounts().isEmpty
    }

    private func killGuardian(of host: HostProcess) {
        for child in ProcessTable.all() where child.parent == host.child.pid {
            let line = (try? SystemFiles.read("/proc/\(child.pid)/cmdline")) ?? []
            let words = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
            if words.contains("guardian") { kill(child.pid, SIGKILL) }
        }
    }

    /// A word that no process has when the run had not begun.
    private static func runID(_ sandbox: Sandbox) throws -> String {
        try sandbox.ledger.accounts().first?.runID ?? "no run"
    }
}

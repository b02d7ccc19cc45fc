import ChaosPluginAPI
import EventLoop
import LinuxSystem
import RunnerFixtures
import Testing

@testable import ChaosRunner

@Suite struct RecoveryTests {
    private func recover(_ sandbox: Sandbox) async throws -> RecoveryReport {
        try await onLoop { loop in
            await Recovery.recover(plugins: [MarkerPlugin()], ledger: sandbox.ledger, loop: loop)
        }
    }

    @Test func `without a ledger there is nothing to do`() async throws {
        let sandbox = try Sandbox()
        defer { sandbox.remove() }
        let report = try await recover(sandbox)
        #expect(report.isClean && report.reverted.isEmpty && report.closed.isEmpty)
    }

    @Test func `what a dead run left is undone, newest first, and its account closed`()
        async throws
    {
        let sandbox = try Sandbox()
        defer { sandbox.remove() }
        try sandbox.open("r1")
        try sandbox.record("r1", "fault-1", former: "original", since: 1)
        try sandbox.record("r1", "fault-2", former: "marked by the first fault", since: 2)
        try sandbox.write("marked by the second fault")
        let report = try await recover(sandbox)
        #expect(report.reverted.map(\.faultID) == ["fault-2", "fault-1"])
        #expect(report.isClean && report.closed == ["r1"])
        #expect(sandbox.text() == "original")
        #expect(try RunStatus.list(ledger: sandbox.ledger).isEmpty)
    }

    @Test func `recovering twice is harmless`() async throws {
        let sandbox = try Sandbox()
        defer { sandbox.remove() }
        try sandbox.open("r1")
        let entry = try sandbox.record("r1", "fault-1")
        try sandbox.write("marked\n")
        _ = try await recover(sandbox)
        #expect(sandbox.text() == nil)
        // The same record once more, as after a crash between the undo and the striking out.
        try sandbox.open("r1")
        try sandbox.ledger.record(entry)
        let report = try await recover(sandbox)
        #expect(report.isClean)
        #expect(sandbox.text() == nil)
    }

    @Test func `a living run is left alone`() async throws {
        let sandbox = try Sandbox()
        defer { sandbox.remove() }
        let pid = ProcessIdentity.current
        try sandbox.open("r1", pid: pid, processStart: ProcessIdentity.startTime(pid) ?? 0)
        try sandbox.record("r1", "fault-1")
        try sandbox.write("marked\n")
        let report = try await recover(sandbox)
        #expect(report.living == ["r1"] && report.reverted.isEmpty)
        #expect(sandbox.text() == "marked\n")
        let status = try #require(try RunStatus.list(ledger: sandbox.ledger).first)
        #expect(status.isAlive && status.faults.map(\.faultID) == ["fault-1"])
    }

    @Test func `a reused pid does not make a dead run alive`() async throws {
        let sandbox = try Sandbox()
        defer { sandbox.remove() }
        try sandbox.open("r1", pid: ProcessIdentity.current, processStart: 1)
        try sandbox.record("r1", "fault-1")
        try sandbox.write("marked\n")
        #expect(try RunStatus.list(ledger: sandbox.ledger).first?.isAlive == false)
        let report = try await recover(sandbox)
        #expect(report.closed == ["r1"])
    }

    @Test func `what cannot be undone stays and says why, and the rest is undone`() async throws {
        let sandbox = try Sandbox()
        defer { sandbox.remove() }
        try sandbox.open("r1")
        try sandbox.record("r1", "fault-1")
        try sandbox.record("r1", "fault-2", plugin: "unknown")
        try sandbox.open("r2")
        try sandbox.write("{}", to: "\(sandbox.ledger.path(of: "r2"))/fault-1.json")
        try sandbox.write("marked\n")
        let report = try await recover(sandbox)
        #expect(report.reverted.map(\.faultID) == ["fault-1"])
        #expect(report.failed.count == 2)
        #expect(report.failed.first?.why.contains("is not known") == true)
        #expect(report.failed.last?.what.hasSuffix("r2/fault-1.json") == true)
        #expect(sandbox.text() == nil)
        #expect(try sandbox.ledger.account(of: "r1").entries.map(\.faultID) == ["fault-2"])
    }
}

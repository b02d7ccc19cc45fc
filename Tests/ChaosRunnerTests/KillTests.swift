import ChaosJournal
import EventLoop
import Glibc
import LinuxSystem
import RunnerFixtures
import Testing

@testable import ChaosRunner

/// What is left when processes are killed: nothing.
@Suite(.serialized) struct KillTests {
    @Test func `a run that nobody kills leaves nothing and wakes no guardian`() async throws {
        let sandbox = try Sandbox()
        defer { sandbox.remove() }
        try await onLoop { loop in
            let host = try HostProcess(sandbox, hold: .milliseconds(50))
            #expect(try await host.child.wait() == .exited(0))
        }
        #expect(
            try sandbox.faultStates() == [
                .prepared, .injected, .confirmed, .reverting, .reverted,
            ]
        )
        #expect(sandbox.text() == nil)
        #expect(sandbox.guardianStates.isEmpty)
        #expect(try sandbox.ledger.accounts().isEmpty)
    }

    @Test(arguments: KillPoint.allCases)
    func `a runner killed at any step is cleaned up by its guardian within two seconds`(
        point: KillPoint
    ) async throws {
        let sandbox = try Sandbox()
        defer { sandbox.remove() }
        try sandbox.write("original")
        try await onLoop { loop in
            let host = try HostProcess(sandbox, hold: .milliseconds(50), killAt: point)
            #expect(try await host.child.wait() == .signalled(SIGKILL))
            let isClean = try await eventually(within: .seconds(2), loop) {
                sandbox.guardianStates.last == .clean && sandbox.text() == "original"
            }
            #expect(isClean, "\(sandbox.guardianStates) \(sandbox.text() ?? "nothing")")
        }
        let status = try #require(try RunStatus.list(ledger: sandbox.ledger).first)
        #expect(!status.isAlive && status.faults.isEmpty)
        #expect(status.guardian.first?.state == .leaseLost)
        // The journal up to the kill can be read, and nobody wrote behind the runner's last line.
        let events = try sandbox.events()
        #expect(events.map(\.sequence) == Array(1...max(1, events.count)))
        #expect(try !sandbox.faultStates().contains(.reverted))
    }

    @Test func `when runner and guardian are killed, recover cleans up`() async throws {
        let sandbox = try Sandbox()
        defer { sandbox.remove() }
        try sandbox.write("original")
        let report = try await onLoop { loop in
            let host = try HostProcess(sandbox, hold: .seconds(60))
            let isInEffect = try await eventually(within: .seconds(10), loop) {
                sandbox.text() == "marked\n"
            }
            #expect(isInEffect)
            let run = try #require(try sandbox.ledger.accounts().first)
            // Stopped first, so that the runner cannot notice the death of its guardian.
            host.child.signal(SIGSTOP)
            let guardians = try processes(with: ["guardian", run.runID])
            #expect(guardians.count == 1)
            for guardian in guardians { kill(guardian, SIGKILL) }
            host.child.signal(SIGKILL)
            #expect(try await host.child.wait() == .signalled(SIGKILL))
            #expect(sandbox.text() == "marked\n")
            return await Recovery.recover(
                plugins: [MarkerPlugin()],
                ledger: sandbox.ledger,
                loop: loop
            )
        }
        #expect(report.isClean && report.reverted.count == 1)
        #expect(sandbox.text() == "original")
    }

    @Test func `the next run cleans up before it starts`() async throws {
        let sandbox = try Sandbox()
        defer { sandbox.remove() }
        let left = "\(sandbox.directory)/left-behind"
        try sandbox.open("r0")
        try sandbox.record("r0", "fault-1", path: left)
        try sandbox.write("marked\n", to: left)
        try await onLoop { loop in
            let host = try HostProcess(sandbox, hold: .milliseconds(10))
            #expect(try await host.child.wait() == .exited(0))
        }
        #expect(sandbox.text(left) == nil)
    }

    @Test func `a run refuses to start on a host that it cannot clean`() async throws {
        let sandbox = try Sandbox()
        defer { sandbox.remove() }
        try sandbox.open("r0")
        try sandbox.record("r0", "fault-1", plugin: "unknown")
        try await onLoop { loop in
            let host = try HostProcess(sandbox, hold: .milliseconds(10))
            #expect(try await host.child.wait() == .exited(70))
        }
        #expect(sandbox.text("\(sandbox.directory)/stderr")?.contains("chaos recover") == true)
        #expect(!SystemFiles.exists(sandbox.output))
    }

    @Test func `a silent runner loses its fault and finds out`() async throws {
        let sandbox = try Sandbox()
        defer { sandbox.remove() }
        try await onLoop { loop in
            let host = try HostProcess(sandbox, hold: .seconds(60))
            let isInEffect = try await eventually(within: .seconds(10), loop) {
                sandbox.text() == "marked\n"
            }
            #expect(isInEffect)
            host.child.signal(SIGSTOP)
            let isReverted = try await eventually(within: .seconds(3), loop) {
                sandbox.guardianStates.last == .clean
            }
            #expect(isReverted && sandbox.text() == nil)
            host.child.signal(SIGCONT)
            #expect(try await host.child.wait() == .exited(0))
        }
        let end = try #require(try sandbox.events().last)
        guard case .runEnded(let ended) = end.payload else {
            Issue.record("the journal ends with \(end)")
            return
        }
        #expect(ended.reason == .failed)
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func `a signal reverts at once and ends the run as interrupted`(signal: Int32) async throws {
        let sandbox = try Sandbox()
        defer { sandbox.remove() }
        try await onLoop { loop in
            let host = try HostProcess(sandbox, hold: .seconds(60))
            let isInEffect = try await eventually(within: .seconds(10), loop) {
                sandbox.text() == "marked\n"
            }
            #expect(isInEffect)
            host.child.signal(signal)
            #expect(try await host.child.wait() == .exited(130))
        }
        #expect(sandbox.text() == nil)
        #expect(try sandbox.ledger.accounts().isEmpty)
        #expect(try sandbox.faultStates().last == .reverted)
        guard case .runEnded(let ended)? = try sandbox.events().last?.payload else {
            Issue.record("the journal does not end")
            return
        }
        #expect(ended.reason == .interrupted)
    }
}

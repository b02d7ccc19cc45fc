import ChaosModel
import ChaosPluginAPI
import EventLoop
import Glibc
import JSON
import LinuxSystem
import Testing

@testable import FaultProcess

@Suite(
    .timeLimit(.minutes(2)),
    .enabled(if: ControlGroup.mount != nil && getuid() == 0, "freezing needs cgroup v2 and root")
)
struct FreezeFaultTests {
    @Test func `what is frozen does nothing, and goes back to where it was`() async throws {
        // It takes all the time it gets, until it is frozen.
        try await ProcessRig.run("sh -c 'while :; do :; done'") { rig in
            let fault = try rig.fault("freeze")
            let context = rig.context(["children": true])
            let pid = try #require(rig.pid)
            let home = ControlGroup.name(of: pid)
            let undo = try await fault.prepare(context)
            #expect(try await fault.confirm(context, undo).hits == 0)
            try await fault.inject(context, undo)
            try await rig.until("it is frozen") {
                try await fault.confirm(context, undo).hits >= 1
            }
            let ticks = ProcessTable.entry(pid)?.ticks
            #expect(rig.state(pid) != "T", "nobody can see it")
            try await Loop.current?.sleep(for: .milliseconds(100))
            #expect(ProcessTable.entry(pid)?.ticks == ticks)
            await #expect(throws: ProcessError.self) { try await fault.confirmReverted(undo) }
            // Another instance, as the guardian and recover have.
            let other = try rig.fault("freeze")
            for _ in 1...2 {
                try await other.revert(undo)
                try await other.confirmReverted(undo)
            }
            #expect(ControlGroup.name(of: pid) == home)
            #expect(rig.pid == pid)
        }
    }

    @Test func `a frozen group is found by its name alone, with its owner`() async throws {
        try await ProcessRig.run { rig in
            let fault = try rig.fault("freeze")
            let context = rig.context()
            let undo = try await fault.prepare(context)
            try await fault.inject(context, undo)
            let name = undo.state["name"]?.stringValue
            let found = try await ProcessPlugin().leftovers().first { $0.runID == name }
            let leftover = try #require(found)
            #expect(leftover.isOwnerAlive)
            try await rig.fault("freeze").revert(leftover.undo)
            try await fault.confirmReverted(undo)
            #expect(try await ProcessPlugin().leftovers().contains { $0.runID == name } == false)
        }
    }
}

import ChaosModel
import ChaosPluginAPI
import EventLoop
import JSON
import LinuxSystem
import NFTables
import NetworkFixtures
import Testing

@testable import FaultPartition

@Suite(
    .timeLimit(.minutes(2)),
    .enabled(if: NetworkLab.isPossible, "\(NetworkLab.need)")
)
struct PartitionFaultTests {
    @Test func `every n-th packet is exact and chance is near its share`() async throws {
        try await PartitionRig.run(nodes: 2) { rig in
            let fault = try #require(rig.plugin.fault("link"))
            let exact = rig.context(.link("a->b"), ["direction": "forward", "every": 10])
            var undo = try await fault.prepare(exact)
            try await fault.inject(exact, undo)
            #expect(try rig.lab.delivered(1_000, from: 1, to: 2) == 900)
            #expect(try await fault.confirm(exact, undo).hits == 100)
            try await fault.revert(undo)
            let chance = rig.context(.link("a->b"), ["direction": "forward", "loss": 0.1])
            undo = try await fault.prepare(chance)
            try await fault.inject(chance, undo)
            let lost = try 10_000 - rig.lab.delivered(10_000, from: 1, to: 2)
            // Five standard errors: sqrt(10000 × 0.1 × 0.9) = 30.
            #expect((850...1_150).contains(lost))
            #expect(try await fault.confirm(chance, undo).hits == lost)
            try await fault.revert(undo)
        }
    }

    @Test func `only the named port is hit, and only towards the service`() async throws {
        try await PartitionRig.run(nodes: 2) { rig in
            let fault = try #require(rig.plugin.fault("link"))
            let context = rig.context(.link("a->b"), ["ports": [4_000]])
            let undo = try await fault.prepare(context)
            try await fault.inject(context, undo)
            #expect(try rig.lab.delivered(5, from: 1, to: 2, port: 4_000) == 0)
            #expect(try rig.lab.delivered(5, from: 1, to: 2, port: 4_001) == 5)
            #expect(try rig.lab.delivered(5, from: 2, to: 1, port: 4_000) == 5)
            try await fault.revert(undo)
        }
    }

    @Test func `a reset is answered at once instead of silence`() async throws {
        try await PartitionRig.run(nodes: 2) { rig in
            let fault = try #require(rig.plugin.fault("link"))
            let context = rig.context(
                .link("a->b"),
                ["direction": "forward", "reject": true, "ports": [4_000]]
            )
            let undo = try await fault.prepare(context)
            try await fault.inject(context, undo)
            // `nc` has no listener to miss: the reset comes from the rule, which counts it.
            var request = SpawnRequest(
                executable: "/bin/bash",
                arguments: ["-c", "exec 3<>/dev/tcp/10.99.0.2/4000"]
            )
            request.network = rig.lab.nodes[0]
            request.stderr = .null
            let status = try await ChildProcess.spawn(request).wait()
            #expect(status == .exited(1))
            let effect = try await fault.confirm(context, undo)
            #expect(effect.hits == 1)
            #expect(effect.unit == "packets rejected")
            try await fault.revert(undo)
        }
    }

    @Test func `no packet passes while a cut is renewed`() async throws {
        try await PartitionRig.run(nodes: 2) { rig in
            let fault = try #require(rig.plugin.fault("link"))
            let context = rig.context(.link("a->b"), ["direction": "forward"])
            let undo = try await fault.prepare(context)
            try await fault.inject(context, undo)
            let flood = try Flood(rig.lab)
            flood.start()
            for _ in 0..<200 { _ = try await fault.confirm(context, undo) }
            let (sent, arrived) = flood.stop()
            #expect(sent > 500)
            #expect(arrived == 0)
            #expect(try await fault.confirm(context, undo).hits >= sent)
            try await fault.revert(undo)
        }
    }

    @Test func `a table of our name with foreign rules is not deleted`() async throws {
        try await PartitionRig.run(nodes: 2) { rig in
            let fault = try #require(rig.plugin.fault("link"))
            let context = rig.context(.link("a->b"), [:])
            let undo = try await fault.prepare(context)
            let name = try #require(undo.state["table"]?.stringValue)
            var foreign = Batch()
            foreign.add(table: try #require(TableName(.bridge, name)))
            try NFTablesConnection(in: rig.lab.switchboard).apply(foreign)
            await #expect(throws: PartitionError.self) { try await fault.revert(undo) }
            #expect(
                try await rig.plugin.leftovers().allSatisfy {
                    $0.undo.state["table"] != .string(name)
                }
            )
        }
    }

    @Test func `when the network is gone there is nothing to undo`() async throws {
        try await PartitionRig.run(nodes: 2) { rig in
            let fault = try #require(rig.plugin.fault("link"))
            let context = rig.context(.link("a->b"), [:])
            let undo = try await fault.prepare(context)
            try await fault.inject(context, undo)
            try rig.lab.switchboard.remove()
            try await fault.revert(undo)
            try await fault.confirmReverted(undo)
        }
    }
}

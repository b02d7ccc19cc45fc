import ChaosPluginAPI
import EventLoop
import JSON
import LinuxSystem
import NFTables
import NetworkFixtures
import Testing

@testable import FaultPartition

/// What every fault promises, for each kind of partition, on real packets between namespaces.
@Suite(
    .timeLimit(.minutes(2)),
    .enabled(if: NetworkLab.isPossible, "\(NetworkLab.need)")
)
struct PartitionContractTests {
    /// Where the test's datagrams go; the cases that name a port name this one.
    private static let port: UInt16 = 4_000

    @Test(arguments: PartitionCase.all)
    func `the effect is measured: what shall be cut is cut, and nothing else`(
        partition: PartitionCase
    ) async throws {
        try await PartitionRig.run { rig in
            #expect(try rig.open(port: Self.port) == PartitionRig.all)
            let (fault, context) = (try partition.fault(rig), partition.context(rig))
            let undo = try await fault.prepare(context)
            #expect(try rig.open(port: Self.port) == PartitionRig.all)
            try await fault.inject(context, undo)
            #expect(try await fault.confirm(context, undo).hits == 0)
            #expect(try rig.open(port: Self.port) == PartitionRig.all.subtracting(partition.cut))
            let effect = try await fault.confirm(context, undo)
            #expect(effect.hits == 3 * partition.cut.count)
            #expect(effect.unit == "packets dropped")
            try await fault.revert(undo)
        }
    }

    @Test(arguments: PartitionCase.all)
    func `undo restores the former state exactly, and undoing twice is harmless`(
        partition: PartitionCase
    ) async throws {
        try await PartitionRig.run { rig in
            var foreign = Batch()
            let table = try #require(TableName(.bridge, "theirs"))
            foreign.add(table: table)
            foreign.add(chain: HookedChain("everything", in: table, hook: .forward))
            try NFTablesConnection(in: rig.lab.switchboard).apply(foreign)
            let before = try rig.rules()
            let (fault, context) = (try partition.fault(rig), partition.context(rig))
            let undo = try await fault.prepare(context)
            // A revert before the first effect, as after a crash between the two, is fine too.
            try await fault.revert(undo)
            try await fault.inject(context, undo)
            #expect(try rig.rules() != before)
            await #expect(throws: PartitionError.self) { try await fault.confirmReverted(undo) }
            for _ in 1...2 {
                try await fault.revert(undo)
                try await fault.confirmReverted(undo)
            }
            #expect(try rig.rules() == before)
            #expect(try rig.open(port: Self.port) == PartitionRig.all)
        }
    }

    @Test(arguments: PartitionCase.all)
    func `with nobody left to renew it, packets pass again by themselves`(
        partition: PartitionCase
    ) async throws {
        try await PartitionRig.run(heartbeat: .seconds(2)) { rig in
            let (fault, context) = (try partition.fault(rig), partition.context(rig))
            let undo = try await fault.prepare(context)
            try await fault.inject(context, undo)
            _ = try await fault.confirm(context, undo)
            try await rig.wait { try rig.open(port: Self.port) == PartitionRig.all }
            try await fault.revert(undo)
        }
    }

    @Test(arguments: PartitionCase.all)
    func `what a killed process left is found by its tag and removed, and nothing else`(
        partition: PartitionCase
    ) async throws {
        try await PartitionRig.run { rig in
            let (fault, context) = (try partition.fault(rig), partition.context(rig))
            let undo = try await fault.prepare(context)
            let before = try rig.rules()
            try await fault.inject(context, undo)
            let ours = rig.lab.nodes + [rig.lab.switchboard]
            let found = try await rig.plugin.leftovers().filter { leftover in
                ours.contains { $0.name == leftover.undo.state["namespace"]?.stringValue }
            }
            let leftover = try #require(found.first)
            #expect(found.count == 1)
            #expect(leftover.runID == context.runID)
            // This very process placed it.
            #expect(leftover.isOwnerAlive)
            #expect(leftover.undo.function == partition.function)
            let finder = try #require(rig.plugin.fault(leftover.undo.function))
            try await finder.revert(leftover.undo)
            try await finder.confirmReverted(leftover.undo)
            #expect(try rig.rules() == before)
        }
    }
}

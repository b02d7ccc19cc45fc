import ChaosModel
import ChaosPluginAPI
import EventLoop
import Glibc
import JSON
import LinuxSystem
import NFTables
import Netlink
import PacketQueue
import Testing

@testable import FaultNetem

/// The same promises, kept by a process of ours on a kernel without netem.
@Suite(
    .serialized,
    .timeLimit(.minutes(5)),
    .enabled(if: QueueSupport.complaint().isEmpty, "needs root and a kernel with NFQUEUE")
)
struct QueueBackendTests {
    private static let cases: [NetemCase] = NetemCase.all
        .filter { !["rate", "slot"].contains($0.function) }
        .map { row in
            var row = row
            row.arguments["backend"] = "nfqueue"
            return row
        }

    private func tables(_ rig: NetemRig) throws -> [TableName] {
        let place = try #require(NetworkNamespace(opened: rig.west))
        return try NFTablesConnection(in: place).tables()
    }

    @Test(arguments: cases)
    func `the effect is measured, and the undo leaves nothing`(_ row: NetemCase) async throws {
        try await NetemRig.run { rig in
            let (fault, context) = (try rig.fault(row.function), rig.context(row.arguments))
            let before = try rig.state()
            let undo = try await fault.prepare(context)
            #expect(undo.state["backend"] == "nfqueue")
            #expect(try rig.state() == before && tables(rig).isEmpty)
            try await fault.revert(undo)
            try await fault.inject(context, undo)
            await #expect(throws: NetemError.self) { try await fault.confirmReverted(undo) }
            try rig.traffic()
            let effect = try await fault.confirm(context, undo)
            #expect(effect.hits >= 1, "\(effect)")
            #expect(effect.unit == (try NetemPlugin().manifest.function(row.function))?.effect)
            for _ in 1...2 {
                try await fault.revert(undo)
                try await fault.confirmReverted(undo)
                #expect(try rig.state() == before && tables(rig).isEmpty)
            }
            let healed = try Probe(rig: rig).measure(count: 20)
            #expect(healed.lost == 0 && healed.copies == 0 && healed.damaged == 0)
        }
    }

    @Test func `packets arrive later by the delay`() async throws {
        try await NetemRig.run { rig in
            let fault = try rig.fault("delay")
            let context = rig.context(["delay": 10, "backend": "nfqueue"])
            let undo = try await fault.prepare(context)
            try await fault.inject(context, undo)
            let delays = try Probe(rig: rig).measure(count: 300).delays.sorted()
            #expect(delays.count == 300)
            #expect(try #require(delays.first) >= 10)
            // A busy machine is late; what a quiet one measures stands in the decision record.
            #expect(delays[150] < 20)
            try await fault.revert(undo)
        }
    }

    @Test func `only the peers, ports and protocols that are named are hit`() async throws {
        try await NetemRig.run { rig in
            let fault = try rig.fault("loss")
            let rows: [(JSONObject, Int)] = [
                (["ports": [7000]], 0), (["ports": [7001]], 50),
                (["protocol": "udp"], 0), (["protocol": "tcp"], 50),
                (["peers": ["10.98.0.0/24"]], 0), (["peers": ["10.97.0.0/24", "fd98::2"]], 50),
                (["spare-ports": [7000]], 50), (["direction": "ingress"], 50),
            ]
            for (arguments, arrived) in rows {
                var arguments = arguments
                arguments["loss"] = 1
                arguments["backend"] = "nfqueue"
                let context = rig.context(arguments)
                let undo = try await fault.prepare(context)
                try await fault.inject(context, undo)
                let measured = try Probe(rig: rig).measure(count: 50, every: 0.2, quiet: 100)
                #expect(measured.arrived.count == arrived, "\(arguments)")
                try await fault.revert(undo)
                try await fault.confirmReverted(undo)
            }
        }
    }

    @Test func `what a killed run left is found by its tag and removed, and nothing else`()
        async throws
    {
        try await NetemRig.run { rig in
            let fault = try rig.fault("delay")
            let context = rig.context(["delay": 20, "direction": "both", "backend": "nfqueue"])
            let place = try #require(NetworkNamespace(opened: rig.west))
            let foreign = try #require(TableName(.inet, "chaos_of_somebody_else"))
            var batch = Batch()
            batch.add(table: foreign)
            try NFTablesConnection(in: place).apply(batch)
            let undo = try await fault.prepare(context)
            try await fault.inject(context, undo)
            let ours = try tables(rig).filter { $0 != foreign }
            #expect(ours.count == 2)
            let found = try await NetemPlugin().leftovers().filter { $0.runID == context.runID }
            #expect(found.count == 2)
            for leftover in found {
                // This very process placed it.
                #expect(leftover.isOwnerAlive)
                // Somebody else recovers: what this process knows of it is not needed.
                let record = try FaultRecord(leftover.undo)
                for table in record.tables { try PacketHold.clear(table, in: place) }
            }
            #expect(try tables(rig) == [foreign])
            let isGone = try await eventually {
                ours.allSatisfy { PacketHold.processes(of: $0).isEmpty }
            }
            #expect(isGone)
            try await fault.revert(undo)
            try await fault.confirmReverted(undo)
            #expect(try tables(rig) == [foreign])
        }
    }

    @Test func `with its process killed packets pass, and the run learns it`() async throws {
        try await NetemRig.run { rig in
            let fault = try rig.fault("loss")
            let context = rig.context(["loss": 1, "backend": "nfqueue"])
            let undo = try await fault.prepare(context)
            try await fault.inject(context, undo)
            let table = try #require(try tables(rig).first)
            let process = try #require(PacketHold.processes(of: table).first)
            ProcessIdentity.signal(process.pid, startTime: process.startTime, SIGKILL)
            let passes = try await eventually {
                try Probe(rig: rig).measure(count: 1, quiet: 100).lost == 0
            }
            #expect(passes)
            await #expect(throws: (any Error).self) { try await fault.confirm(context, undo) }
            try await fault.revert(undo)
            try await fault.confirmReverted(undo)
        }
    }

    @Test(
        arguments: [
            (["rate": 1000], "the backend nfqueue cannot limit a rate"),
            (["slot-min": 5], "the backend nfqueue cannot form slots"),
            (["duplicate": 0.1, "peers": ["fd00::1"]], "the backend nfqueue doubles IPv4"),
        ] as [(JSONObject, String)]
    )
    func `what a process cannot do is refused with a remedy`(
        _ arguments: JSONObject,
        _ start: String
    ) {
        var arguments = arguments
        arguments["backend"] = "nfqueue"
        let error = #expect(throws: NetemError.self) {
            try NetemPlugin().backend(of: "impair", arguments)
        }
        #expect(error?.description.hasPrefix(start) == true, "\(String(describing: error))")
    }

    @Test func `without being told the kernel's netem is taken if it has one`() throws {
        let chosen = try NetemPlugin().backend(of: "delay", ["delay": 20, "backend": "auto"])
        #expect(chosen == (NetemRig.isPossible ? "netem" : "nfqueue"))
    }

    @Test func `a link is hit at the end that suits the backend`() throws {
        var system = SystemDescription(name: "two", services: [], links: [], databases: [])
        for (name, address) in [("a", "10.9.0.1"), ("b", "10.9.0.2")] {
            var service = SystemDescription.Service(name: name)
            (service.namespace, service.address) = ("ns-\(name)", address)
            service.interface = "eth-\(name)"
            system.services.append(service)
        }
        var context = StepContext(runID: "x", arguments: ["delay": 5])
        context.system = system
        context.target = .link("a->b")
        let near = try Aim(context, .netem)
        #expect(near.namespace == "ns-a" && near.interface == "eth-a")
        #expect(near.directions == [.egress])
        #expect(near.selection.peers.map(\.description) == ["10.9.0.2"])
        let far = try Aim(context, .nfqueue)
        #expect(far.namespace == "ns-b" && far.interface == "eth-b")
        #expect(far.directions == [.ingress])
        #expect(far.selection.peers.map(\.description) == ["10.9.0.1"])
        context.target = .link("a->c")
        #expect(throws: NetemError.self) { try Aim(context, .netem) }
    }

    /// Waits for a fact.
    private func eventually(_ isTrue: () throws -> Bool) async throws -> Bool {
        let loop = try #require(Loop.current)
        let end = Loop.monotonicNanoseconds() + 30_000_000_000
        while Loop.monotonicNanoseconds() < end {
            if try isTrue() { return true }
            try await loop.sleep(for: .milliseconds(10))
        }
        return false
    }
}

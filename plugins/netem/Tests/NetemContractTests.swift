import ChaosPluginAPI
import EventLoop
import JSON
import LinuxSystem
import Netlink
import Testing

@testable import FaultNetem

/// One function with arguments that show within a few hundred packets.
struct NetemCase: Sendable, CustomTestStringConvertible {
    var function: String
    var arguments: JSONObject
    var testDescription: String {
        function + (arguments["direction"].map { " \($0.stringValue ?? "")" } ?? "")
    }

    static let all: [NetemCase] = [
        NetemCase(function: "delay", arguments: ["delay": 20]),
        NetemCase(function: "delay", arguments: ["delay": 20, "direction": "ingress"]),
        NetemCase(function: "delay", arguments: ["delay": 20, "direction": "both"]),
        NetemCase(function: "loss", arguments: ["loss": 0.3]),
        NetemCase(function: "loss", arguments: ["loss": 0.3, "ports": [7000]]),
        NetemCase(function: "loss-bursts", arguments: ["burst-begins": 0.1, "burst-ends": 0.3]),
        NetemCase(function: "loss-states", arguments: ["p13": 0.1, "p31": 0.5]),
        NetemCase(function: "duplicate", arguments: ["duplicate": 0.3]),
        NetemCase(function: "corrupt", arguments: ["corrupt": 0.3]),
        NetemCase(function: "reorder", arguments: ["reorder": 0.3, "delay": 20]),
        NetemCase(function: "rate", arguments: ["rate": 100_000]),
        NetemCase(function: "slot", arguments: ["slot-min": 20]),
        NetemCase(
            function: "impair",
            arguments: ["delay": 10, "jitter": 2, "distribution": "normal", "loss": 0.1]
        ),
    ]
}

/// What every fault promises, on real packets between two namespaces.
@Suite(
    .serialized,
    .timeLimit(.minutes(5)),
    .enabled(if: NetemRig.isPossible, NetemRig.reason)
)
struct NetemContractTests {
    @Test(arguments: NetemCase.all)
    func `the effect is measured, and prepare changes nothing`(_ row: NetemCase) async throws {
        try await NetemRig.run { rig in
            let (fault, context) = (try rig.fault(row.function), rig.context(row.arguments))
            let before = try rig.state()
            let undo = try await fault.prepare(context)
            #expect(try rig.state() == before)
            try await fault.inject(context, undo)
            #expect(try await fault.confirm(context, undo).hits == 0)
            try rig.traffic()
            let effect = try await fault.confirm(context, undo)
            #expect(effect.hits >= 1, "\(effect)")
            #expect(effect.unit == (try NetemPlugin().manifest.function(row.function))?.effect)
            try await fault.revert(undo)
        }
    }

    @Test(arguments: NetemCase.all)
    func `the undo restores the exact former state, and undoing twice is harmless`(
        _ row: NetemCase
    ) async throws {
        try await NetemRig.run { rig in
            let (fault, context) = (try rig.fault(row.function), rig.context(row.arguments))
            let before = try rig.state()
            let undo = try await fault.prepare(context)
            // A revert before the first effect, as after a crash between the two, is fine too.
            try await fault.revert(undo)
            try await fault.inject(context, undo)
            #expect(try rig.state() != before)
            await #expect(throws: NetemError.self) { try await fault.confirmReverted(undo) }
            try rig.traffic()
            for _ in 1...2 {
                try await fault.revert(undo)
                try await fault.confirmReverted(undo)
                #expect(try rig.state() == before)
            }
            let healed = try Probe(rig: rig).measure(count: 20)
            #expect(healed.lost == 0 && healed.copies == 0 && healed.damaged == 0)
            #expect(healed.delays.allSatisfy { $0 < 1 }, "\(healed.delays)")
        }
    }

    @Test(arguments: NetemCase.all)
    func `what a killed process left is found by its marks and removed, and nothing else`(
        _ row: NetemCase
    ) async throws {
        try await NetemRig.run { rig in
            let (fault, context) = (try rig.fault(row.function), rig.context(row.arguments))
            let before = try rig.state()
            let undo = try await fault.prepare(context)
            try await fault.inject(context, undo)
            // Somebody else's, of the same kinds, on the other end of the cable.
            let other = try RouteSocket.open(in: rig.east)
            let index = try #require(try other.link(named: "eth0")?.index)
            let foreign = TrafficHandle(major: 0xc5a5)
            try other.addQdisc(.netem(Netem()), to: index, parent: .root, handle: foreign)
            let found = try await NetemPlugin().leftovers()
            let directions = found.flatMap {
                $0.undo.state["directions"]?.arrayValue?.compactMap(\.stringValue) ?? []
            }
            let direction = row.arguments["direction"]?.stringValue ?? "egress"
            #expect(directions == (direction == "both" ? ["egress", "ingress"] : [direction]))
            for leftover in found {
                // This very process placed it.
                #expect(leftover.isOwnerAlive)
                let finder = try rig.fault(leftover.undo.function)
                try await finder.revert(leftover.undo)
                try await finder.confirmReverted(leftover.undo)
            }
            #expect(try rig.state() == before)
            #expect(try other.qdiscs(of: index).contains { $0.handle == foreign })
        }
    }

    @Test func `netem promises in short: measured, undone to the byte, found by its marks`()
        async throws
    {
        let row = NetemCase(function: "loss", arguments: ["loss": 0.3, "direction": "both"])
        try await `the effect is measured, and prepare changes nothing`(row)
        try await `the undo restores the exact former state, and undoing twice is harmless`(row)
        try await `what a killed process left is found by its marks and removed, and nothing else`(
            row
        )
    }

    @Test(arguments: [0, 1, 2, 3])
    func `an injection that stopped half-way is undone`(_ steps: Int) async throws {
        try await NetemRig.run { rig in
            let fault = try rig.fault("delay")
            let context = rig.context(["delay": 20, "direction": "both"])
            let before = try rig.state()
            let undo = try await fault.prepare(context)
            let record = try FaultRecord(undo)
            let socket = try RouteSocket.open(in: rig.west)
            let index = try #require(try socket.link(named: "eth0")?.index)
            var netem = Netem()
            netem.tag = record.mark.tag
            if steps > 0 {
                let form = QdiscForm.prio(bands: 4, map: QdiscForm.usualMap)
                try socket.addQdisc(form, to: index, parent: .root, handle: Reserved.prio)
            }
            if steps > 1 {
                try socket.addQdisc(
                    .netem(netem),
                    to: index,
                    parent: Reserved.prio.child(4),
                    handle: Reserved.netem(record.mark)
                )
            }
            if steps > 2 { try socket.addLink(.ifb, name: record.mark.interfaceName) }
            try await fault.revert(undo)
            try await fault.confirmReverted(undo)
            #expect(try rig.state() == before)
        }
    }

    @Test func `a prio of ours without its netem is found and removed, one like it is not`()
        async throws
    {
        try await NetemRig.run { rig in
            let before = try rig.state()
            let (ours, theirs) = (
                try RouteSocket.open(in: rig.west), try RouteSocket.open(in: rig.east)
            )
            for (socket, bands) in [(ours, Int32(4)), (theirs, 3)] {
                let index = try #require(try socket.link(named: "eth0")?.index)
                let form = QdiscForm.prio(bands: bands, map: QdiscForm.usualMap)
                try socket.addQdisc(form, to: index, parent: .root, handle: Reserved.prio)
            }
            let found = try await NetemPlugin().leftovers()
            #expect(found.count == 1, "\(found)")
            let leftover = try #require(found.first)
            #expect(!leftover.isOwnerAlive)
            let finder = try rig.fault(leftover.undo.function)
            try await finder.revert(leftover.undo)
            try await finder.confirmReverted(leftover.undo)
            #expect(try rig.state() == before)
            #expect(try theirs.qdiscs(of: nil).contains { $0.handle == Reserved.prio })
        }
    }

    @Test func `held packets leave before their discipline goes`() async throws {
        try await NetemRig.run { rig in
            let (fault, context) = (try rig.fault("delay"), rig.context(["delay": 400]))
            let undo = try await fault.prepare(context)
            try await fault.inject(context, undo)
            let probe = try Probe(rig: rig)
            let loop = try #require(Loop.current)
            // The packets leave from another thread while this one undoes the fault.
            let packets = Background { try probe.measure(count: 200, every: 1) }
            try await loop.sleep(for: .milliseconds(250))
            try await fault.revert(undo)
            try await fault.confirmReverted(undo)
            #expect(try packets.wait().lost == 0)
        }
    }
}

extension NetemRig {
    /// A few hundred packets in both directions.
    func traffic() throws {
        _ = try Probe(rig: self).measure(count: 300, every: 0.5, bytes: 200, quiet: 100)
        _ = try Probe(rig: self, from: east, to: Self.westAddress)
            .measure(count: 300, every: 0.5, bytes: 200, quiet: 100)
    }
}

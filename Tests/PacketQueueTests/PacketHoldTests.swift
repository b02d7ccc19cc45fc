import EventLoop
import Glibc
import LinuxSystem
import NFTables
import NetworkFixtures
import PacketQueue
import Testing

/// Packets between two namespaces, held by the real program.
@Suite(
    .serialized,
    .timeLimit(.minutes(2)),
    .enabled(if: NetworkLab.isPossible, "\(NetworkLab.need)")
)
struct PacketHoldTests {
    /// Where `make bench-faults` has figures written; then more is measured.
    private static let figures = Environment.get("CHAOS_FIGURES")

    private static func tell(_ what: String, _ measured: String) throws {
        guard let figures else { return }
        try AppendFile("\(figures)/queue.md").append(Array("| \(what) | \(measured) |\n".utf8))
    }

    /// Holds what arrives at node 2.
    private func hold(
        _ lab: NetworkLab,
        _ change: (inout Impairment, inout HoldSelection) -> Void
    ) async throws -> PacketHold {
        var impairment = Impairment()
        impairment.seed = 7
        var selection = HoldSelection(namespace: lab.nodes[1], interface: "eth0")
        change(&impairment, &selection)
        let tag = try #require(OwnershipTag(run: "test", fault: "hold-1"))
        return try await PacketHold.start(
            selection,
            impairment,
            tag: tag,
            executable: SystemFiles.parent(of: executablePath()) + "/chaos"
        )
    }

    /// A sender at node 1 and a receiver at node 2.
    private func pair(_ lab: NetworkLab, port: UInt16 = 0) throws -> (Datagrams, Datagrams) {
        let receiver = try Datagrams(in: lab.nodes[1], address: NetworkLab.address(2), port: port)
        let sender = try Datagrams(in: lab.nodes[0], address: NetworkLab.address(1))
        try sender.connect(to: NetworkLab.address(2), port: receiver.port)
        return (sender, receiver)
    }

    @Test func `packets arrive later by the delay, and at once when it has ended`() async throws {
        try await NetworkLab.run(nodes: 2) { lab, _ in
            let hold = try await hold(lab) { impairment, _ in impairment.delay = .milliseconds(10) }
            let (sender, receiver) = try pair(lab)
            var times: [Double] = []
            let count = Self.figures == nil ? 300 : 2_000
            for index in 0..<count {
                let begin = Loop.monotonicNanoseconds()
                sender.send([UInt8(index & 0xff)])
                #expect(receiver.receive(waitingMilliseconds: 5_000) == [UInt8(index & 0xff)])
                times.append(Double(Loop.monotonicNanoseconds() - begin) / 1e6)
            }
            times.sort()
            #expect(times[0] >= 10)
            // A busy machine is late; what a quiet one measures stands in the decision record.
            let (half, most) = (times[count / 2], times[count * 99 / 100])
            #expect(half < (Self.figures == nil ? 20 : 10.5))
            try Self.tell(
                "nfqueue: 10 ms set, \(count) packets, one at a time",
                "p50 \(hundredths(half)) ms, p99 \(hundredths(most)) ms"
            )
            // Neighbours ask for addresses too.
            #expect(try await hold.counts().seen >= count)
            try await hold.end()
            #expect(try NFTablesConnection(in: lab.nodes[1]).tables().isEmpty)
            #expect(try lab.delivered(20, from: 1, to: 2) == 20)
        }
    }

    @Test func `twenty thousand packets a second pass without a loss`() async throws {
        try await NetworkLab.run(nodes: 2) { lab, _ in
            let hold = try await hold(lab) { impairment, _ in impairment.delay = .milliseconds(10) }
            let (sender, receiver) = try pair(lab)
            let seconds = Self.figures == nil ? 1 : 10
            let (count, begin) = (20_000 * seconds, Loop.monotonicNanoseconds())
            var arrived = 0
            for index in 0..<count {
                while Loop.monotonicNanoseconds() < begin + Int64(index) * 50_000 {
                    arrived += receiver.received().count
                }
                sender.send([1])
            }
            while arrived < count, receiver.receive(waitingMilliseconds: 1_000) != nil {
                arrived += 1
            }
            let took = Double(Loop.monotonicNanoseconds() - begin) / 1e9
            let counts = try await hold.counts()
            try Self.tell(
                "nfqueue: 20,000 packets a second with a delay of 10 ms, \(seconds) s",
                "\(count) sent, \(arrived) arrived, all within \(hundredths(took)) s"
            )
            #expect(counts.overruns == 0)
            #expect(arrived == count)
            #expect(counts.seen >= count)
            try await hold.end()
        }
    }

    @Test func `with the process killed packets pass at once`() async throws {
        try await NetworkLab.run(nodes: 2) { lab, loop in
            let hold = try await hold(lab) { impairment, _ in impairment.loss = 1 }
            #expect(try lab.delivered(20, from: 1, to: 2) == 0)
            #expect(try await hold.counts().lost >= 20)
            let killed = Loop.monotonicNanoseconds()
            kill(hold.pid, SIGKILL)
            while try lab.delivered(1, from: 1, to: 2) == 0 {
                try await loop.sleep(for: .milliseconds(5))
            }
            let passed = Double(Loop.monotonicNanoseconds() - killed) / 1e6
            try Self.tell(
                "nfqueue: all packets lost, then its process killed with SIGKILL",
                "the first packet passes after \(hundredths(passed)) ms (looked for every 105 ms)"
            )
            #expect(try lab.delivered(200, from: 1, to: 2) == 200)
            let connection = try NFTablesConnection(in: lab.nodes[1])
            #expect(try connection.ownedTables().map(\.table) == [hold.table])
            try await hold.end()
        }
    }

    @Test func `what is held when it ends is not lost`() async throws {
        try await NetworkLab.run(nodes: 2) { lab, _ in
            let hold = try await hold(lab) { impairment, _ in impairment.delay = .seconds(30) }
            let (sender, receiver) = try pair(lab)
            for index in UInt8(0)..<200 { sender.send([index]) }
            #expect(try await hold.counts().seen >= 200)
            #expect(receiver.received().isEmpty)
            try await hold.end()
            var arrived: [UInt8] = []
            while arrived.count < 200, let next = receiver.receive(waitingMilliseconds: 1_000) {
                arrived += next
            }
            #expect(arrived == Array(0..<200))
        }
    }

    @Test func `with the table deleted the process ends by itself`() async throws {
        try await NetworkLab.run(nodes: 2) { lab, _ in
            let hold = try await hold(lab) { impairment, _ in impairment.loss = 1 }
            var batch = Batch()
            batch.delete(table: hold.table)
            try NFTablesConnection(in: lab.nodes[1]).apply(batch)
            #expect(try lab.delivered(20, from: 1, to: 2) == 20)
            let start = try #require(ProcessIdentity.startTime(hold.pid))
            while ProcessIdentity.isAlive(hold.pid, startTime: start) {
                try await Loop.current?.sleep(for: .milliseconds(20))
            }
            try await hold.end()
        }
    }

    @Test func `loss is counted, and only the peer and the port that were named are hit`()
        async throws
    {
        try await NetworkLab.run(nodes: 3) { lab, _ in
            let peer = try #require(NetworkRange(NetworkLab.address(1)))
            let hold = try await hold(lab) { impairment, selection in
                impairment.loss = 0.3
                selection.peers = [peer]
                selection.ports = [4_000]
            }
            let arrived = try lab.delivered(1_000, from: 1, to: 2, port: 4_000)
            let counts = try await hold.counts()
            #expect(counts.seen == 1_000)
            #expect(counts.lost == 1_000 - arrived)
            #expect((230...370).contains(counts.lost))
            #expect(try lab.delivered(100, from: 3, to: 2, port: 4_000) == 100)
            #expect(try lab.delivered(100, from: 1, to: 2, port: 4_001) == 100)
            #expect(try await hold.counts().seen == 1_000)
            try await hold.end()
        }
    }

    @Test func `packets are doubled, damaged and overtaken`() async throws {
        try await NetworkLab.run(nodes: 2) { lab, _ in
            var hold = try await hold(lab) { impairment, _ in impairment.duplicate = 1 }
            let (twice, both) = try pair(lab)
            for index in UInt8(0)..<50 { twice.send([index]) }
            var copies: [UInt8: Int] = [:]
            while copies.values.reduce(0, +) < 100,
                let next = both.receive(waitingMilliseconds: 5_000)
            {
                copies[next[0], default: 0] += 1
            }
            #expect(copies.count == 50)
            #expect(copies.values.allSatisfy { $0 == 2 })
            #expect(try await hold.counts().doubled == 50)
            try await hold.end()

            hold = try await self.hold(lab) { impairment, _ in impairment.corrupt = 1 }
            // The checksum gives damage away, and the kernel drops the packet.
            #expect(try lab.delivered(50, from: 1, to: 2) == 0)
            let damaged = try await hold.counts().damaged
            // The kernel may send a word of its own beside them.
            #expect(damaged >= 50)
            try await hold.end()

            hold = try await self.hold(lab) { impairment, _ in
                impairment.delay = .milliseconds(50)
                impairment.reorder = 0.3
            }
            let (sender, receiver) = try pair(lab)
            for index in UInt8(0)..<100 { sender.send([index]) }
            var order: [UInt8] = []
            while order.count < 100, let next = receiver.receive(waitingMilliseconds: 5_000) {
                order += next
            }
            #expect(order.count == 100)
            #expect(order != order.sorted())
            try await hold.end()
        }
    }
}

private func hundredths(_ value: Double) -> String {
    "\((value * 100).rounded() / 100)"
}

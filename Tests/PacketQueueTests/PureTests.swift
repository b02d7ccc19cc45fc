import JSON
import Netlink
import Testing

@testable import PacketQueue

@Suite(.timeLimit(.minutes(1)))
struct HeldPacketsTests {
    @Test func `packets leave by their time, and those of one time as they came`() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<50 {
            var held = HeldPackets()
            var packets: [HeldPackets.Packet] = []
            for id in 0..<UInt32.random(in: 0...200, using: &generator) {
                packets.append(HeldPackets.Packet(due: Int64.random(in: 0...20), id: id))
            }
            for packet in packets { held.hold(packet) }
            var released: [HeldPackets.Packet] = []
            for now in Int64(0)...20 {
                while let packet = held.release(at: now) {
                    #expect(packet.due == now)
                    released.append(packet)
                }
            }
            let expected = packets.sorted { ($0.due, $0.id) < ($1.due, $1.id) }
            #expect(released == expected)
            #expect(held.count == 0 && held.nextDue == nil)
        }
    }

    @Test func `a number that wraps is later than the one before it`() {
        var held = HeldPackets()
        held.hold(HeldPackets.Packet(due: 1, id: 2))
        held.hold(HeldPackets.Packet(due: 1, id: .max))
        #expect(held.removeFirst()?.id == .max)
        #expect(held.removeFirst()?.id == 2)
        #expect(held.removeFirst() == nil)
    }
}

@Suite(.timeLimit(.minutes(1)))
struct PacketFateTests {
    private func decide(_ count: Int, _ change: (inout Impairment) -> Void)
        -> [PacketFate.Decision]
    {
        var impairment = Impairment()
        impairment.seed = 7
        change(&impairment)
        var fate = PacketFate(impairment)
        return (0..<count).map { _ in fate.next() }
    }

    @Test func `each chance is near its share and the same for the same seed`() {
        let decisions = decide(20_000) {
            $0.loss = 0.1
            $0.duplicate = 0.05
            $0.corrupt = 0.02
            $0.delay = .milliseconds(10)
        }
        let kept = decisions.filter { !$0.isLost }
        #expect((1_788...2_212).contains(20_000 - kept.count))
        #expect((745...1_055).contains(kept.count { $0.isDoubled }))
        #expect((260...460).contains(kept.count { $0.damage != nil }))
        #expect(kept.allSatisfy { $0.hold == 10_000_000 })
        let again = decide(20_000) {
            $0.loss = 0.1
            $0.duplicate = 0.05
            $0.corrupt = 0.02
            $0.delay = .milliseconds(10)
        }
        #expect(decisions == again)
    }

    @Test func `jitter reaches both sides evenly and never below nothing`() {
        let holds = decide(20_000) {
            $0.delay = .milliseconds(10)
            $0.jitter = .milliseconds(5)
        }.map(\.hold)
        #expect(holds.allSatisfy { (5_000_000...15_000_000).contains($0) })
        let mean = Double(holds.reduce(0, +)) / Double(holds.count) / 1e6
        // Uniform: standard deviation 5/√3 ms, of the mean 0.02 ms.
        #expect(abs(mean - 10) < 0.1)
        let short = decide(1_000) {
            $0.delay = .milliseconds(1)
            $0.jitter = .milliseconds(5)
        }
        #expect(short.allSatisfy { $0.hold >= 0 })
    }

    @Test func `losses come in bursts of the length and share that the chances give`() {
        let models: [(LossModel, share: Double, burst: Double)] = [
            (.gilbertElliott(begins: 0.02, ends: 0.2, lostInBad: 1, lostInGood: 0), 1 / 11.0, 5),
            (.states(p13: 0.02, p31: 0.2, p32: 0, p23: 1, p14: 0), 1 / 11.0, 5),
            (.states(p13: 0, p31: 1, p32: 0, p23: 1, p14: 0.1), 1 / 11.0, 1),
            (.random(0.25), 0.25, 4 / 3.0),
        ]
        for (model, share, burst) in models {
            let isLost = decide(200_000) { $0.lossModel = model }.map(\.isLost)
            let lost = Double(isLost.count { $0 })
            let bursts = Double(zip([false] + isLost, isLost).count { !$0 && $1 })
            #expect(abs(lost / 200_000 - share) < 0.01, "\(model)")
            #expect(abs(lost / bursts - burst) < 0.15 * burst, "\(model)")
            #expect(Impairment(["loss": .object(model.json)]).lossModel == model)
        }
    }

    @Test(arguments: [DelayDistribution.normal, .pareto, .paretonormal])
    func `the jitter is the standard deviation of what is no uniform spread`(
        _ spread: DelayDistribution
    ) {
        let holds = decide(100_000) {
            $0.delay = .milliseconds(100)
            $0.jitter = .milliseconds(5)
            $0.spread = spread
        }.map { Double($0.hold) / 1e6 }
        let mean = holds.reduce(0, +) / Double(holds.count)
        let squares = holds.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        #expect(abs(mean - 100) < 0.1)
        #expect((4.9...5.1).contains((squares / Double(holds.count)).squareRoot()))
        #expect(holds.allSatisfy { (80...120).contains($0) })
    }

    @Test func `only every third packet may overtake when the gap is three`() {
        let overtakes = decide(3_000) {
            $0.delay = .milliseconds(10)
            $0.reorder = 1
            $0.gap = 3
        }.map(\.overtakes)
        #expect(overtakes.indices.allSatisfy { overtakes[$0] == ($0 % 3 == 2) })
    }

    @Test func `what overtakes is not held at all`() {
        let holds = decide(10_000) {
            $0.delay = .milliseconds(10)
            $0.reorder = 0.25
        }.map(\.hold)
        #expect((2_280...2_720).contains(holds.count { $0 == 0 }))
        #expect(holds.allSatisfy { $0 == 0 || $0 == 10_000_000 })
    }

    @Test func `an impairment is read back from the form on the command line`() {
        var impairment = Impairment()
        impairment.delay = .microseconds(12_345)
        impairment.jitter = .milliseconds(1)
        impairment.loss = 0.25
        impairment.seed = .max
        #expect(Impairment(.object(impairment.json)) == impairment)
    }
}

@Suite(.timeLimit(.minutes(1)))
struct NetfilterMessageTests {
    @Test func `a verdict is written as the kernel reads it`() {
        var message = NetfilterMessage(.verdict, resource: 0x1234)
        message.put(2, UInt32(1).networkBytes + UInt32(0x01020304).networkBytes)
        #expect(
            message.bytes == [
                32, 0, 0, 0, 0x01, 0x03, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, 0x34,
                12, 0, 2, 0, 0, 0, 0, 1, 1, 2, 3, 4,
            ]
        )
    }

    @Test func `a nest knows its length and attributes are padded`() {
        var message = NetfilterMessage(.newRule, family: 1)
        message.nest(4) { $0.put(1, text: "ab") }
        #expect(message.bytes[20...] == [12, 0, 4, 0x80, 7, 0, 1, 0, 97, 98, 0, 0])
        #expect(message.bytes[0] == 32)
    }
}

import Testing

@testable import ChaosProxy

/// Moves bytes through a chain without sockets.
final class ChainRig {
    var chain = StageChain()
    var now: Int64 = 0
    var sent: [UInt8] = []
    /// Noncopyable values cannot stand in `#expect`.
    var ending: Ending { chain.ending }
    var hasRoom: Bool { chain.hasRoom }
    var wasReset = false

    func feed(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe chain.append(copying: $0, receivedAt: now) }
    }

    /// Advances and takes up to `limit` bytes out of the outbox.
    func run(taking limit: Int = .max) {
        if chain.advance(now: now) == .reset { wasReset = true }
        var room = limit
        var taken: [UInt8] = []
        while room > 0, !chain.outbox.isEmpty {
            let count = unsafe chain.outbox.consumeFirst { bytes in
                let count = min(room, bytes.count)
                unsafe taken.append(contentsOf: bytes[..<count])
                return count
            }
            room -= count
        }
        sent += taken
    }
}

struct StageChainTests {
    private func stage(_ type: ToxicType, _ attributes: [Int64], _ name: String) throws -> Stage {
        let make = try #require(type.makeStage)
        let toxic = Toxic.sample(type, attributes: attributes, name: name)
        return make(toxic, SeedStream(seed: 1), 0)
    }

    @Test
    func `delays of two stages add up`() throws {
        let rig = ChainRig()
        rig.chain.insert(try stage(.latency, [50, 0], "a"), at: 0)
        rig.chain.insert(try stage(.slowClose, [10], "b"), at: 1)
        rig.feed([1, 2, 3])
        rig.chain.end(.fin)
        rig.run()
        #expect(rig.sent == [])
        rig.now = 50_000_000
        rig.run()
        #expect(rig.sent == [1, 2, 3])
        #expect(rig.ending == .open)
        rig.now = 60_000_000
        rig.run()
        #expect(rig.ending == .fin)
    }

    @Test
    func `removing a stage releases what it held, in order and before what follows`() throws {
        let rig = ChainRig()
        rig.chain.insert(try stage(.latency, [1_000, 0], "a"), at: 0)
        rig.chain.insert(try stage(.latency, [1_000, 0], "b"), at: 1)
        rig.feed([1])
        rig.now = 1_000_000_000
        rig.run()
        rig.feed([2])
        rig.run()
        rig.chain.remove(at: 0)
        rig.feed([3])
        rig.run()
        rig.chain.remove(at: 0)
        rig.feed([4])
        rig.run()
        #expect(rig.sent == [1, 2, 3, 4])
    }

    @Test
    func `removing timeout closes behind what was passed on`() throws {
        let rig = ChainRig()
        rig.feed([1])
        rig.chain.insert(try stage(.timeout, [0], "t"), at: 0)
        rig.feed([2])
        rig.run()
        rig.chain.remove(at: 0)
        rig.run()
        #expect(rig.sent == [1])
        #expect(rig.ending == .close)
        #expect(!rig.hasRoom)
    }

    @Test
    func `a stage put behind the end of the stream does not wait for it`() throws {
        let rig = ChainRig()
        rig.chain.end(.fin)
        rig.chain.insert(try stage(.slowClose, [1_000], "s"), at: 0)
        rig.run()
        #expect(rig.ending == .fin)
    }

    @Test
    func `what is in flight is bounded`() throws {
        let rig = ChainRig()
        rig.chain.insert(try stage(.latency, [1_000, 0], "a"), at: 0)
        let block = [UInt8](repeating: 7, count: 32 << 10)
        var count = 0
        while rig.chain.hasRoom {
            rig.feed(block)
            count += 1
        }
        #expect(count * block.count == StageChain.bytesInFlightMax)
        rig.now = 1_000_000_000
        rig.run()
        var small = 0
        while rig.chain.hasRoom {
            rig.feed([1])
            small += 1
        }
        #expect(small == StageChain.chunksInFlightMax)
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `live switching loses, doubles and reorders no byte`(_ seed: UInt64) throws {
        var dice = SeedStream(seed: seed)
        let rig = ChainRig()
        var fed: [UInt8] = []
        let harmless: [(ToxicType, ClosedRange<Int64>)] = [
            (.latency, 0...20), (.bandwidth, 1...500), (.slicer, 1...40), (.noop, 0...0),
            (.slowClose, 0...20),
        ]
        for round in 0..<1_000 {
            rig.now += Int64.random(in: 0...3_000_000, using: &dice)
            switch Int.random(in: 0..<10, using: &dice) {
            case 0 where rig.chain.stages.count < 6:
                let (type, range) = harmless[Int.random(in: 0..<harmless.count, using: &dice)]
                let values = type.fields.map { _ in Int64.random(in: range, using: &dice) }
                let place = Int.random(in: 0...rig.chain.stages.count, using: &dice)
                rig.chain.insert(try stage(type, values, "t\(round)"), at: place)
            case 1 where !rig.chain.isEmpty:
                rig.chain.remove(at: Int.random(in: 0..<rig.chain.stages.count, using: &dice))
            case 2 where !rig.chain.isEmpty:
                let place = Int.random(in: 0..<rig.chain.stages.count, using: &dice)
                let values = [Int64](repeating: Int64.random(in: 1...30, using: &dice), count: 3)
                rig.chain.update(at: place, attributes: ToxicAttributes(values), now: rig.now)
            case 3...6:
                guard rig.chain.hasRoom else { break }
                let count = Int.random(in: 1...200, using: &dice)
                let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &dice) }
                fed += bytes
                rig.feed(bytes)
            default:
                let before = rig.sent.count
                rig.run(taking: Int.random(in: 0...500, using: &dice))
                #expect(rig.sent[before...] == fed[before..<rig.sent.count])
            }
        }
        rig.chain.end(.fin)
        while !rig.chain.isEmpty { rig.chain.remove(at: 0) }
        rig.run()
        #expect(rig.sent == fed)
        #expect(rig.ending == .fin)
        #expect(!rig.wasReset)
    }
}

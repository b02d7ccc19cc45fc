import EventLoop
import HTTP
import JSON
import Testing

@testable import ChaosProxy

@Suite(.serialized)
struct LossyToxicTests {
    @Test
    func `loss drops its share of chunks and repeats with the seed`() {
        func losses(_ attributes: [Int64], seed: UInt64 = 7) -> [Bool] {
            var machine = LossMachine(
                attributes: ToxicAttributes(attributes),
                random: SeedStream(seed: seed),
                now: 0
            )
            var hits = 0
            let losses = (0..<10_000).map { _ in
                machine.next(.chunk(1, at: 0), now: 0, hits: &hits) == .drop
            }
            #expect(hits == losses.count { $0 })
            return losses
        }
        let five = losses([50_000, 0, 0, 0])
        #expect((430...570).contains(five.count { $0 }))
        #expect(five == losses([50_000, 0, 0, 0]))
        #expect(five != losses([50_000, 0, 0, 0], seed: 8))
        #expect(losses([0, 0, 0, 0]).allSatisfy { !$0 })
        #expect(losses([1_000_000, 0, 0, 0]).allSatisfy { $0 })
    }

    @Test
    func `Gilbert-Elliott loss comes in bursts as long as the line stays bad`() {
        // Bad for 1 in 50 chunks, good again after 5 on average; the good line loses nothing.
        var machine = LossMachine(
            attributes: ToxicAttributes([0, 1_000_000, 20_000, 200_000]),
            random: SeedStream(seed: 3),
            now: 0
        )
        var hits = 0
        var bursts: [Int] = []
        var length = 0
        for _ in 0..<100_000 {
            if machine.next(.chunk(1, at: 0), now: 0, hits: &hits) == .drop {
                length += 1
            } else if length > 0 {
                bursts.append(length)
                length = 0
            }
        }
        let mean = Double(hits) / Double(bursts.count)
        #expect((4.5...5.5).contains(mean), "a burst lasts 1 / 20 % chunks, got \(mean)")
        // Share of the bad state: 2 / (2 + 20).
        #expect((0.08...0.10).contains(Double(hits) / 100_000))
    }

    @Test
    func `corrupt flips exactly its bits and keeps the length`() async throws {
        try await ProxyRig.run { rig in
            let client = try await rig.connect(try await rig.proxy(to: try rig.echo()))
            let zeros = [UInt8](repeating: 0, count: 1_000)
            for bits in [1, 3, 64] {
                let body =
                    #"{"type":"corrupt","name":"c","attributes":{"percent":100,"bits":\#(bits)}}"#
                try await rig.toxic(body)
                try await client.write(zeros)
                let answer = try await client.read(exactly: 1_000)
                let hits = try await rig.ask("GET", "/proxies/p/toxics/c")["hits"]?.integerValue
                // Should the answer have come in more than one chunk, each of them was hit.
                let flipped = answer.reduce(0) { $0 + $1.nonzeroBitCount }
                #expect(Int64(flipped) == Int64(bits) * (hits ?? 0))
                try await rig.ask("DELETE", "/proxies/p/toxics/c")
            }
            try await client.write(zeros)
            #expect(try await client.read(exactly: 1_000) == zeros)
            client.close()
        }
    }

    @Test
    func `a match by chunk loses the third and no other`() async throws {
        try await ProxyRig.run { rig in
            let client = try await rig.connect(try await rig.proxy(to: try rig.echo()))
            try await rig.toxic(
                #"""
                {"type":"loss","name":"l","attributes":{"percent":100},
                 "match":{"nth":3,"by":"chunk"}}
                """#
            )
            for word in ["one", "two"] { #expect(try await client.exchange(word) == word) }
            try await client.write(Array("lost".utf8))
            #expect(
                try await eventually {
                    try await rig.ask("GET", "/proxies/p/toxics/l")["occurrences"] == 3
                }
            )
            #expect(try await client.exchange("four") == "four")
            let toxic = try await rig.ask("GET", "/proxies/p/toxics/l")
            #expect(toxic["hits"] == 1)
            #expect(toxic["occurrences"] == 4)
            client.close()
        }
    }

    @Test
    func `a match by connection hits the second one that comes, and none that was there`()
        async throws
    {
        try await ProxyRig.run { rig in
            let address = try await rig.proxy(to: try rig.echo())
            let before = try await rig.connect(address)
            #expect(try await before.exchange("a") == "a")
            try await rig.toxic(#"{"type":"reset_peer","name":"r","match":{"nth":2}}"#)
            var outcomes: [Bool] = []
            for _ in 0..<4 {
                let client = try await rig.connect(address)
                try await client.write([1])
                outcomes.append((try? await client.read(exactly: 1)) == [1])
                client.close()
            }
            #expect(outcomes == [true, false, true, true])
            #expect(try await before.exchange("b") == "b")
            before.close()
        }
    }

    @Test
    func `connections share one line, and each gets its part`() async throws {
        try await ProxyRig.run { rig in
            let address = try await rig.proxy(to: try rig.echo())
            try await rig.toxic(
                #"{"type":"shared_bandwidth","name":"s","attributes":{"rate":1000}}"#
            )
            let time = try await milliseconds {
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<4 {
                        group.addTask(executorPreference: Loop.current) {
                            let client = try await rig.connect(address)
                            defer { client.close() }
                            try await client.write([UInt8](repeating: 1, count: 100_000))
                            return try await client.read(exactly: 100_000).count
                        }
                    }
                    for try await count in group { #expect(count == 100_000) }
                }
            }
            // 400 kB at 1,000 kB/s; four lines of their own would need 100 ms.
            #expect(time >= 395)
            #expect(time < 2_000)
        }
    }

    @Test
    func `a line without any rate stalls until it gets one`() async throws {
        try await ProxyRig.run { rig in
            let client = try await rig.connect(try await rig.proxy(to: try rig.echo()))
            try await rig.toxic(#"{"type":"shared_bandwidth","name":"s"}"#)
            try await client.write([1, 2])
            #expect(
                try await eventually {
                    try await rig.ask("GET", "/proxies/p/toxics/s")["hits"] == 1
                }
            )
            try await rig.ask("PATCH", "/proxies/p/toxics/s", #"{"attributes":{"rate":100}}"#)
            #expect(try await client.read(exactly: 2) == [1, 2])
            client.close()
        }
    }
}

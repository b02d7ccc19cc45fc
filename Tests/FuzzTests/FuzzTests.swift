import ChaosModel
import LinuxSystem
import Testing

/// Damaged inputs for everything that reads bytes of strangers: no trap, no hang, no memory without
/// bound, and the same reading however the bytes are cut.
///
/// Ordinarily some thousand inputs from a fixed seed. `make fuzz` sets `FUZZ_SECONDS` (for all
/// targets together), a fresh seed and `FUZZ_REPORT`, where figures go; `FUZZ_TARGET` chooses one,
/// and with `FUZZ_SEED` and `FUZZ_INPUT` it repeats one input.
@Suite(.serialized)
struct FuzzTests {
    private static let inputsMax = 1_500
    private static let names = [
        "postgres", "postgres-toxics", "http-toxics", "http-request", "http-response", "json",
        "api",
    ]

    @Test(arguments: names)
    func `damaged inputs neither trap, hang, grow nor read differently in pieces`(
        _ name: String
    ) throws {
        if let only = Environment.get("FUZZ_TARGET"), only != name { return }
        let targets = try FuzzTarget.all()
        #expect(targets.map(\.name) == Self.names)
        let target = try #require(targets.first { $0.name == name })
        let seed = Environment.get("FUZZ_SEED").flatMap { UInt64($0) } ?? 1
        let report = try Fuzzer(seed: seed, bound: Self.bound(targets.count)).run(target)
        #expect(report.finding == nil, "\(report.finding ?? "")")
        #expect(report.inputs > 0)
        guard let path = Environment.get("FUZZ_REPORT") else { return }
        let figures =
            "\(report.inputs) inputs, \(Int(report.rate))/s, peak \(report.peak >> 10) MiB"
        try AppendFile(path).append(Array("fuzz \(name): \(figures)\n".utf8))
    }

    private static func bound(_ count: Int) -> Fuzzer.Bound {
        if let input = Environment.get("FUZZ_INPUT").flatMap({ UInt64($0) }) {
            return .repeating(input)
        }
        guard let seconds = Environment.get("FUZZ_SECONDS").flatMap({ Double($0) }) else {
            return .inputs(inputsMax)
        }
        let isAlone = Environment.get("FUZZ_TARGET") != nil
        return .time(.seconds(isAlone ? seconds : seconds / Double(count)))
    }

    @Test func `the same seed gives the same input, and every input is bounded`() throws {
        let sources = try Recording.all("postgres").map(\.clientBytes)
        for seed in 1...200 as ClosedRange<UInt64> {
            let damaged = (0..<2).map { _ -> [UInt8] in
                var mutator = InputMutator(seed: seed)
                var bytes = mutator.pick(sources)
                mutator.damage(&bytes, others: sources, words: [[1, 2, 3]])
                #expect(mutator.pieces(of: bytes).flatMap { $0 } == bytes)
                return bytes
            }
            #expect(damaged[0] == damaged[1])
            #expect(damaged[0].count <= InputMutator.lengthMax)
        }
    }

    @Test func `a finding names the input that repeats it`() throws {
        let target = FuzzTarget(name: "planted") { mutator in
            mutator.next().isMultiple(of: 50) ? "planted" : nil
        }
        let found = try Fuzzer(seed: 9, bound: .inputs(10_000)).run(target)
        let text = try #require(found.finding)
        #expect(text.hasPrefix("planted\nRepeat it: make fuzz FUZZ_TARGET=planted FUZZ_SEED=9 "))
        let number = try #require(text.split(separator: "=").last.flatMap { UInt64($0) })
        #expect(number == UInt64(found.inputs - 1))
        let again = try Fuzzer(seed: 9, bound: .repeating(number)).run(target)
        #expect(again.finding == text)
        let other = try Fuzzer(seed: 9, bound: .repeating(number + 1)).run(target)
        #expect(other.finding == nil)
    }

    @Test func `memory without bound is a finding`() throws {
        let hoard = Hoard()
        let target = FuzzTarget(name: "hoarder") { _ in
            hoard.add(5 << 18)
            return nil
        }
        let report = try Fuzzer(seed: 1, bound: .inputs(2_000)).run(target)
        #expect(report.finding?.contains("the process grew by ") == true)
        #expect(report.inputs <= 512)
    }
}

import Testing

@testable import ChaosProxy

/// One row of a toxic's table: what happens, and what the machine must answer.
struct MachineStep: Sendable {
    var now: Int64
    var item: StageItem
    var step: StageStep

    /// Milliseconds everywhere, because the tables are easier to read so.
    init(_ now: Int64, _ item: StageItem, _ step: StageStep) {
        self.now = now * 1_000_000
        self.item = item
        self.step = step
    }
}

extension StageItem {
    static func chunk(_ byteCount: Int, at milliseconds: Int64) -> StageItem {
        .chunk(byteCount: byteCount, receivedAt: milliseconds * 1_000_000)
    }
}

extension StageStep {
    static func wait(_ milliseconds: Int64) -> StageStep { .wait(until: milliseconds * 1_000_000) }
    static func pass(_ byteCount: Int) -> StageStep { .pass(byteCount: byteCount) }
    static let idle = StageStep.wait(until: .max)
}

struct MachineCase: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var type: ToxicType
    var attributes: [Int64]
    var steps: [MachineStep]
    var hits: Int

    init(
        _ name: String,
        _ type: ToxicType,
        _ attributes: [Int64],
        hits: Int,
        _ steps: [MachineStep]
    ) {
        testDescription = name
        self.type = type
        self.attributes = attributes
        self.steps = steps
        self.hits = hits
    }
}

struct MachineTests {
    static let cases: [MachineCase] = [
        MachineCase(
            "latency holds each chunk from its receipt and lets the end follow at once",
            .latency,
            [100, 0],
            hits: 2,
            [
                MachineStep(0, .nothing, .idle),
                MachineStep(5, .chunk(10, at: 5), .wait(105)),
                MachineStep(104, .chunk(10, at: 5), .wait(105)),
                MachineStep(105, .chunk(10, at: 5), .pass(10)),
                MachineStep(105, .chunk(7, at: 15), .wait(115)),
                MachineStep(116, .chunk(7, at: 15), .pass(7)),
                MachineStep(116, .end, .passEnd),
            ]
        ),
        MachineCase(
            "a negative latency is none",
            .latency,
            [-5, 0],
            hits: 0,
            [MachineStep(5, .chunk(1, at: 5), .pass(1))]
        ),
        MachineCase(
            "an enormous latency does not overflow",
            .latency,
            [.max, .max],
            hits: 0,
            [MachineStep(0, .nothing, .idle)]
        ),
        MachineCase(
            "bandwidth gives each piece its time, exactly, however late the loop wakes",
            .bandwidth,
            [10],
            hits: 3,
            [
                MachineStep(0, .chunk(2_500, at: 0), .wait(100)),
                MachineStep(103, .chunk(2_500, at: 0), .pass(1_000)),
                MachineStep(103, .chunk(1_500, at: 0), .wait(200)),
                MachineStep(200, .chunk(1_500, at: 0), .pass(1_000)),
                MachineStep(200, .chunk(500, at: 0), .wait(250)),
                MachineStep(250, .chunk(500, at: 0), .pass(500)),
                MachineStep(250, .nothing, .idle),
            ]
        ),
        MachineCase(
            "bandwidth gives no credit for idle time",
            .bandwidth,
            [1],
            hits: 2,
            [
                MachineStep(0, .chunk(10, at: 0), .wait(10)),
                MachineStep(10, .chunk(10, at: 0), .pass(10)),
                MachineStep(10, .nothing, .idle),
                MachineStep(500, .chunk(10, at: 500), .wait(510)),
            ]
        ),
        MachineCase(
            "a rate of 0 stalls for ever",
            .bandwidth,
            [0],
            hits: 1,
            [
                MachineStep(0, .chunk(1, at: 0), .idle),
                MachineStep(9_999, .chunk(1, at: 0), .idle),
            ]
        ),
        MachineCase(
            "a rate of Int64.max passes at once",
            .bandwidth,
            [.max],
            hits: 1,
            [MachineStep(0, .chunk(32_768, at: 0), .pass(32_768))]
        ),
        MachineCase(
            "timeout loses data and closes after the quiet time",
            .timeout,
            [300],
            hits: 3,
            [
                MachineStep(0, .nothing, .wait(300)),
                MachineStep(200, .chunk(5, at: 200), .drop),
                MachineStep(200, .nothing, .wait(500)),
                MachineStep(400, .chunk(5, at: 400), .drop),
                MachineStep(400, .end, .wait(700)),
                MachineStep(700, .end, .close),
            ]
        ),
        MachineCase(
            "timeout 0 never closes",
            .timeout,
            [0],
            hits: 1,
            [
                MachineStep(0, .chunk(5, at: 0), .drop),
                MachineStep(1_000_000, .nothing, .idle),
                MachineStep(1_000_000, .end, .idle),
            ]
        ),
        MachineCase(
            "reset_peer leaves an idle connection alone and resets after the first chunk",
            .resetPeer,
            [50],
            hits: 1,
            [
                MachineStep(0, .nothing, .idle),
                MachineStep(10, .chunk(5, at: 10), .drop),
                MachineStep(10, .nothing, .wait(60)),
                MachineStep(30, .chunk(5, at: 30), .drop),
                MachineStep(60, .nothing, .reset),
            ]
        ),
        MachineCase(
            "reset_peer resets after the end as well",
            .resetPeer,
            [0],
            hits: 1,
            [MachineStep(10, .end, .reset)]
        ),
        MachineCase(
            "slow_close holds back the end alone",
            .slowClose,
            [500],
            hits: 1,
            [
                MachineStep(0, .chunk(5, at: 0), .pass(5)),
                MachineStep(1, .end, .wait(501)),
                MachineStep(501, .end, .passEnd),
            ]
        ),
        MachineCase(
            "slicer without attributes passes chunks whole",
            .slicer,
            [0, 0, 0],
            hits: 0,
            [MachineStep(0, .chunk(5, at: 0), .pass(5))]
        ),
        MachineCase(
            "slicer cuts and pauses after each slice",
            .slicer,
            [4, 0, 2_000],
            hits: 2,
            [
                MachineStep(0, .chunk(7, at: 0), .pass(4)),
                MachineStep(0, .chunk(3, at: 0), .wait(2)),
                MachineStep(2, .chunk(3, at: 0), .pass(3)),
                MachineStep(2, .end, .wait(4)),
                MachineStep(4, .end, .passEnd),
            ]
        ),
        MachineCase(
            "limit_data closes right when the limit is reached",
            .limitData,
            [10],
            hits: 1,
            [
                MachineStep(0, .nothing, .idle),
                MachineStep(0, .chunk(4, at: 0), .pass(4)),
                MachineStep(0, .chunk(9, at: 0), .pass(6)),
                MachineStep(0, .nothing, .close),
            ]
        ),
        MachineCase(
            "limit_data 0 closes on the first chunk",
            .limitData,
            [0],
            hits: 1,
            [
                MachineStep(0, .nothing, .idle),
                MachineStep(0, .chunk(4, at: 0), .close),
            ]
        ),
        MachineCase(
            "noop passes everything",
            .noop,
            [],
            hits: 0,
            [
                MachineStep(0, .chunk(4, at: 0), .pass(4)),
                MachineStep(0, .end, .passEnd),
            ]
        ),
    ]

    @Test(arguments: cases)
    func `a machine answers as its table says`(_ row: MachineCase) throws {
        let toxic = Toxic.sample(row.type, attributes: row.attributes)
        let make = try #require(row.type.makeStage)
        let stage = make(toxic, SeedStream(seed: 1), 0)
        for step in row.steps {
            #expect(stage.decide(step.item, now: step.now) == step.step, "at \(step)")
        }
        #expect(toxic.tally.hits == row.hits)
    }

    @Test
    func `jitter stays within its bounds and repeats with the seed`() {
        func delays() -> [Int64] {
            let attributes = ToxicAttributes([100, 20])
            var machine = LatencyMachine(
                attributes: attributes,
                random: SeedStream(seed: 7),
                now: 0
            )
            var hits = 0
            return (0..<1_000).map { _ in
                guard
                    case .wait(let until) = machine.next(
                        .chunk(byteCount: 1, receivedAt: 0),
                        now: 0,
                        hits: &hits
                    )
                else { return -1 }
                _ = machine.next(.chunk(byteCount: 1, receivedAt: 0), now: until, hits: &hits)
                return until
            }
        }
        let first = delays()
        #expect(first.allSatisfy { (80_000_000...120_000_000).contains($0) })
        #expect(Set(first).count > 900)
        #expect(first == delays())
    }

    @Test
    func `limit_data keeps its count when it is changed`() {
        var machine = LimitDataMachine(
            attributes: ToxicAttributes([10]),
            random: SeedStream(seed: 1),
            now: 0
        )
        var hits = 0
        #expect(machine.next(.chunk(5, at: 0), now: 0, hits: &hits) == .pass(5))
        machine.update(attributes: ToxicAttributes([8]), now: 0)
        #expect(machine.next(.chunk(5, at: 0), now: 0, hits: &hits) == .pass(3))
        #expect(machine.next(.chunk(2, at: 0), now: 0, hits: &hits) == .close)
    }
}

extension Toxic {
    static func sample(
        _ type: ToxicType,
        attributes: [Int64] = [],
        name: String = "sample"
    ) -> Toxic {
        Toxic(
            name: name,
            type: type,
            direction: .downstream,
            stream: "downstream",
            toxicity: 1,
            attributes: ToxicAttributes(
                attributes.isEmpty ? type.fields.map { _ in 0 } : attributes
            ),
            tally: ToxicTally()
        )
    }
}

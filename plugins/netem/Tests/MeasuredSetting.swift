import Glibc
import JSON

/// A setting of netem, and the figure by which it is judged.
struct MeasuredSetting: Sendable {
    var name: String
    var function: String
    var arguments: JSONObject
    var packets = 2_000
    /// Milliseconds from packet to packet.
    var interval = 1.0
    var bytes = 64
    /// How long to wait for the last packets, milliseconds.
    var quiet = 500.0
    var expected: Double
    var figure: @Sendable (Probe.Measured) -> Figure
    /// Another figure of the same packets.
    var second: Second?

    struct Second: Sendable {
        var name: String
        var expected: Double
        var figure: @Sendable (Probe.Measured) -> Figure
    }

    static let smoke: [MeasuredSetting] = [
        delay("delay 50ms", ["delay": 50], 50, packets: 200),
        loss("loss 30%", "loss", ["loss": 0.3], 30, packets: 1_000),
    ]

    static let all: [MeasuredSetting] = delays + losses + others + steered
}

extension MeasuredSetting {
    private static let delays: [MeasuredSetting] = [
        delay("delay 0.5ms", ["delay": 0.5], 0.5),
        delay("delay 10ms", ["delay": 10], 10),
        delay("delay 50ms", ["delay": 50], 50),
        delay("delay 200ms", ["delay": 200], 200),
        delay("delay 12.3456ms", ["delay": 12.3456], 12.3456),
        delay(
            "delay 5m (beyond the 32-bit ticks)",
            ["delay": 300_000],
            300_000,
            packets: 20,
            quiet: 301_000
        ),
        delay("delay 50ms ± 2ms uniform", ["delay": 50, "jitter": 2], 50, packets: 8_000)
            .spread(2 / 3.0.squareRoot()),
        delay(
            "delay 30ms ± 2ms normal",
            ["delay": 30, "jitter": 2, "distribution": "normal"],
            30,
            packets: 8_000
        ).spread(2),
        delay(
            "delay 30ms ± 2ms pareto",
            ["delay": 30, "jitter": 2, "distribution": "pareto"],
            30,
            packets: 8_000
        ),
        delay(
            "delay 30ms ± 2ms paretonormal",
            ["delay": 30, "jitter": 2, "distribution": "paretonormal"],
            30,
            packets: 8_000
        ),
    ]

    private static let losses: [MeasuredSetting] = [
        loss("loss 0.1%", "loss", ["loss": 0.001], 0.1, packets: 20_000),
        loss("loss 1%", "loss", ["loss": 0.01], 1, packets: 10_000),
        loss("loss 10%", "loss", ["loss": 0.1], 10, packets: 5_000),
        loss("loss 30%", "loss", ["loss": 0.3], 30, packets: 5_000),
        loss("loss 100%", "loss", ["loss": 1], 100, packets: 200),
        loss(
            "bursts: begins 2%, ends 20%",
            "loss-bursts",
            ["burst-begins": 0.02, "burst-ends": 0.2],
            100 * 0.02 / 0.22,
            packets: 40_000
        ).bursts(5),
        loss(
            "bursts: begins 1%, ends 25%",
            "loss-bursts",
            ["burst-begins": 0.01, "burst-ends": 0.25],
            100 * 0.01 / 0.26,
            packets: 40_000
        ).bursts(4),
        loss(
            "states: p13 5%, p31 30%, p32 10%, p23 50%, p14 1%",
            "loss-states",
            ["p13": 0.05, "p31": 0.3, "p32": 0.1, "p23": 0.5, "p14": 0.01],
            statesLoss(p13: 0.05, p31: 0.3, p32: 0.1, p23: 0.5, p14: 0.01),
            packets: 20_000
        ),
    ]

    private static let others: [MeasuredSetting] = [
        share("duplicate 5%", "duplicate", ["duplicate": 0.05], 5) {
            100 * Double($0.copies) / Double($0.sent)
        },
        share("corrupt 5%", "corrupt", ["corrupt": 0.05], 5, bytes: 1_000) {
            // A bit anywhere: damage to headers is dropped on the way, other damage is seen here.
            100 * Double($0.lost) / Double($0.sent)
        },
        share(
            "reorder 25% of delay 20ms",
            "reorder",
            ["reorder": 0.25, "delay": 20],
            25
        ) { $0.overtookPercent },
        MeasuredSetting(
            name: "rate 1MB/s, 400 packets of 1042 bytes at once",
            function: "rate",
            arguments: ["rate": 1_000_000],
            packets: 400,
            interval: 0,
            bytes: 1_000,
            expected: 1_000,
            figure: { measured in
                // From the first that left to the last that came.
                let start = measured.arrived.first.map { $0.at - $0.delay } ?? 0
                let span = (measured.arrived.last?.at ?? 0) - start
                let rate = Double(measured.arrived.count) * 1_042 / max(span, 1e-9)
                return Figure(value: rate, tolerance: 10, unit: "kB/s")
            }
        ),
        delay(
            "delay 10ms and rate 1MB/s: a packet of 1042 bytes",
            ["delay": 10, "rate": 1_000_000],
            11.042,
            packets: 500,
            interval: 5,
            bytes: 1_000,
            function: "impair"
        ),
        MeasuredSetting(
            name: "slots of 20ms: mean wait",
            function: "slot",
            arguments: ["slot-min": 20],
            interval: 0.7,
            expected: 10,
            figure: { measured in
                let most = MeasuredRow.text(measured.delays.max() ?? 0)
                return Figure(
                    value: measured.meanDelay,
                    tolerance: 1,
                    unit: "ms",
                    remark: "at most \(most) ms"
                )
            }
        ),
        loss(
            "limit 10 of delay 100ms at 1000 packets/s",
            "delay",
            ["delay": 100, "limit": 10],
            90,
            packets: 2_000
        ),
        loss(
            "impair: delay 20ms, loss 5%, duplicate 2%",
            "impair",
            ["delay": 20, "loss": 0.05, "duplicate": 0.02],
            // A packet that is both lost and duplicated passes once.
            5 * 0.98,
            packets: 10_000
        ),
    ]

    private static let steered: [MeasuredSetting] = [
        delay("delay 40ms on the port", ["delay": 40, "ports": [7000]], 40, packets: 500),
        delay("delay 40ms on another port", ["delay": 40, "ports": [7001]], 0, packets: 500),
        delay("delay 40ms on the peer", ["delay": 40, "peers": ["10.98.0.2"]], 40, packets: 500),
        delay("delay 40ms on tcp", ["delay": 40, "protocol": "tcp"], 0, packets: 500),
    ]
}

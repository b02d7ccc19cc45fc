import ChaosJournal
import ChaosModel
import JSON

/// The load and the invariants of a sample run.
extension SampleRun {
    private var faultStart: Double { 14.2 }
    private var faultEnd: Double { 14.2 + faultSeconds }
    private var loadEnd: Double { faultEnd + 9 }

    func load(_ random: inout SeededGenerator) -> [(Double, JournalEvent.Payload)] {
        var timed: [(Double, JournalEvent.Payload)] = []
        var arrival = 0
        for second in 1..<Int(loadEnd) {
            var ends: [String: [ClientOperation]] = [:]
            for index in 0..<rate {
                arrival += 1
                let start = Double(second) + (Double(index) + 0.5) / Double(rate)
                let fate = Fate(at: start, isFaulty: isFaulty(start), &random)
                for (operation, share) in [("placement", 0.18), ("checkout", 1.0)] {
                    let end = outcome(arrival, operation, share, fate, &random)
                    var invoke = end
                    invoke.kind = .invoke
                    invoke.order = nil
                    invoke.status = nil
                    invoke.latencyMilliseconds = nil
                    let latency = (end.latencyMilliseconds ?? 0) / 1000
                    timed.append((start, .operation(invoke)))
                    timed.append((start + latency, .operation(end)))
                    ends[operation, default: []].append(end)
                }
            }
            for (operation, list) in ends.sorted(by: { $0.key < $1.key }) {
                let tick = summary(second, operation, list, &random)
                timed.append((Double(second) + 1.01, .load(tick)))
            }
        }
        return timed
    }

    private func outcome(
        _ arrival: Int,
        _ operation: String,
        _ share: Double,
        _ fate: Fate,
        _ random: inout SeededGenerator
    ) -> ClientOperation {
        let wave = Double.random(in: 0.6..<1.7, using: &random)
        var latency = 52 * wave * share + 4
        let isCheckout = operation == "checkout"
        if fate.isHit, isCheckout { latency += 1150 * wave }
        if fate.start >= faultEnd, fate.start < faultEnd + 2 { latency *= 9 }
        let isFailed = fate.isFailed
        let isUnknown = fate.isUnknown && isCheckout
        return ClientOperation(
            arrival: arrival,
            operation: operation,
            kind: isFailed ? .fail : isUnknown ? .info : .ok,
            key: "client-\(arrival)",
            order: "order-\(arrival)" + hostile,
            status: isFailed ? 503 : isUnknown ? nil : operation == "placement" ? 202 : 200,
            latencyMilliseconds: (latency * 1000).rounded() / 1000
        )
    }

    private func isFaulty(_ time: Double) -> Bool {
        time >= faultStart && time < faultEnd && hits > 0
    }

    /// What befalls an arrival.
    private struct Fate {
        var start: Double
        var isHit: Bool
        var isFailed: Bool
        var isUnknown: Bool

        init(at start: Double, isFaulty: Bool, _ random: inout SeededGenerator) {
            self.start = start
            isHit = Int.random(in: 0..<9, using: &random) == 0 && isFaulty
            isFailed = Int.random(in: 0..<240, using: &random) == 0 && isFaulty
            isUnknown = Int.random(in: 0..<160, using: &random) == 0 && isFaulty && !isFailed
        }
    }

    private func summary(
        _ second: Int,
        _ operation: String,
        _ ends: [ClientOperation],
        _ random: inout SeededGenerator
    ) -> LoadSecond {
        var tick = LoadSecond(
            second: second,
            operation: operation,
            planned: ends.count,
            ok: ends.count { $0.kind == .ok },
            fail: ends.count { $0.kind == .fail },
            info: ends.count { $0.kind == .info },
            lag: (Double.random(in: 0.1..<1.8, using: &random) * 100).rounded() / 100
        )
        let sorted = ends.compactMap(\.latencyMilliseconds).sorted()
        guard let last = sorted.last else { return tick }
        tick.p50 = sorted[sorted.count / 2]
        tick.p90 = sorted[sorted.count * 9 / 10]
        tick.p99 = sorted[sorted.count * 99 / 100]
        tick.max = last
        return tick
    }

    var invariants: [InvariantResult] {
        let statements = [
            ("no-double-charge-per-order", "No order is charged more than once on the ledger."),
            (
                "confirmed-has-one-capture",
                "Every confirmed order has exactly one captured payment."
            ),
            ("money-conserved", "Captured payments and charges match one to one, cent by cent."),
            ("stock-conserved", "Available stock is the opening stock minus what was confirmed."),
            ("saga-terminal", "After the quiet period every order is confirmed or cancelled."),
        ]
        return statements.enumerated().map { index, entry in
            let violations = index == 0 ? doubleCharges : 0
            return InvariantResult(
                name: entry.0,
                statement: entry.1 + hostile,
                holds: violations == 0,
                checked: rate * Int(loadEnd - 1),
                violations: violations,
                witnesses: (0..<violations).map(witness)
            )
        }
    }

    /// An order whose charge was repeated with another key after the acknowledgement was lost.
    private func witness(_ index: Int) -> JSONObject {
        let arrival = rate * 16 + index * 3
        let placed = Double(arrival) / Double(rate) + 1.3
        func wall(_ offset: Double) -> JSONValue {
            let micros = 1_795_171_345_000_000 + Int64((placed + offset) * 1e6)
            return .string(Timestamp(microseconds: micros).rfc3339)
        }
        let order = "9f31c2d4-5b7e-4c1a-8e02-0000000000\(10 + index)" + hostile
        return [
            "order": .string(order), "reason": "charged 2 times", "state": "confirmed",
            "keys": [
                .string("client-\(arrival)"), .string("\(order)-try-1"), .string("\(order)-try-2"),
            ],
            "charges": [.string("ch_7Kq\(index)a"), .string("ch_9Zw\(index)b")],
            "amounts_cents": [4990, 4990],
            "times": [wall(0.31), wall(1.46)],
            "sku": "sku-7", "quantity": 1, "amount_cents": 4990, "placed": wall(0.02),
            "history": [
                ["state": "reserved", "at": wall(0.12)], ["state": "captured", "at": wall(1.61)],
                ["state": "confirmed", "at": wall(1.72)],
            ],
            "payments": [
                [
                    "key": .string("\(order)-try-2"), "state": "captured", "amount_cents": 4990,
                    "charge": .string("ch_9Zw\(index)b"),
                ]
            ],
        ]
    }
}

/// SplitMix64: the same numbers for the same seed, everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

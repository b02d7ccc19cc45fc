import ChaosJournal
import ChaosModel
import JSON

/// A run of 52 seconds as a journal: 10 s baseline, 20 s fault, recovery, settling.
///
/// The defaults make a run that held; each property spoils it in one way.
struct Story {
    var strategy = "on-fault"
    var baselineLatency = 80.0
    var duringLatencies = [200.0, 280]
    /// `nil`: the probe failed.
    var healthDuring: [Bool?] = [true, true]
    var readsHealthAfter = true
    var isInjected = true
    var hits = 27
    var unconfirmedReason: String?
    /// How often the fault could have hit, if its plugin says so.
    var occurrences: Int?
    /// Seconds after the undo; `nil`: never.
    var recoveredAfter: Double? = 1.5
    var violations = 0
    var checked = 1200
    /// `nil`: neither `reverted` nor `revert-failed` is written.
    var undo: FaultTransition.State? = .reverted
    /// `nil`: no last word.
    var end: RunEnded.Reason? = .completed
    var endDetail: String?
    var lag = 1.5
    /// Of the first probe.
    var unit = "ms"

    /// The events in order of time, numbered from 1.
    var events: [JournalEvent] {
        var timed: [(Double, JournalEvent.Payload)] = [(0, .runStarted(start))]
        timed += phases.map { ($0.1, .phase(PhaseChange($0.0))) }
        timed += readings(.before, latency: [baselineLatency], health: [true], from: 12)
        if isInjected {
            timed += fault
            timed += readings(.during, latency: duringLatencies, health: healthDuring, from: 21)
            timed += recovery
        }
        timed += load
        timed.append((42, .invariant(invariant)))
        if end == .aborted { timed.append((51, .abort(reason: "error ratio above 50%"))) }
        if let end { timed.append((52, .runEnded(RunEnded(reason: end, detail: endDetail)))) }
        return numbered(timed)
    }

    func insert(
        _ payload: JournalEvent.Payload,
        at elapsed: Double,
        into events: inout [JournalEvent]
    ) {
        events = numbered(events.map { ($0.elapsed, $0.payload) } + [(elapsed, payload)])
    }

    private func numbered(_ timed: [(Double, JournalEvent.Payload)]) -> [JournalEvent] {
        let start: Int64 = 1_795_171_345_000_000
        let sorted = timed.enumerated().sorted {
            ($0.element.0, $0.offset) < ($1.element.0, $1.offset)
        }
        return sorted.enumerated().map { index, entry in
            JournalEvent(
                sequence: index + 1,
                at: Timestamp(microseconds: start + Int64(entry.element.0 * 1e6)),
                elapsed: entry.element.0,
                payload: entry.element.1
            )
        }
    }

    private var start: RunStarted {
        RunStarted(
            runID: "r1",
            file: "experiments/lost-commit-ack.json",
            experiment: [
                "chaos": 1, "title": "Lost acknowledgements", "description": "",
                "steady-state-hypothesis": [
                    "title": "Nobody is charged twice", "strategy": .string(strategy),
                    "recovers-within": "30s",
                    "probes": [["name": "checkout p99"], ["name": "gateway answers"]],
                ],
            ],
            seed: .max,
            toolVersion: "0.1.0",
            mutants: [],
            environment: [:],
            plan: []
        )
    }

    private var phases: [(PhaseChange.Phase, Double)] {
        isInjected
            ? [
                (.start, 0), (.warmUp, 1), (.baseline, 3), (.method, 13), (.recovery, 35),
                (.settle, 41), (.end, 52),
            ] : [(.start, 0), (.warmUp, 1), (.baseline, 3), (.settle, 41), (.end, 52)]
    }

    private func readings(
        _ phase: ProbePhase,
        latency: [Double],
        health: [Bool?],
        from start: Double
    ) -> [(Double, JournalEvent.Payload)] {
        let latencies = latency.enumerated().map { index, value in
            (start + Double(index), JournalEvent.Payload.probe(self.latency(phase, value)))
        }
        return latencies
            + health.enumerated().map { index, value in
                (start + Double(index), .probe(self.health(phase, value)))
            }
    }

    private func latency(_ phase: ProbePhase, _ value: Double) -> ProbeReading {
        ProbeReading(
            phase: phase,
            step: "checkout p99",
            path: "steady-state-hypothesis.probes[0]",
            output: .number(value),
            unit: unit,
            tolerance: "at most 300ms",
            met: value <= 300,
            isCumulative: true
        )
    }

    private func health(_ phase: ProbePhase, _ value: Bool?) -> ProbeReading {
        ProbeReading(
            phase: phase,
            step: "gateway answers",
            path: "steady-state-hypothesis.probes[1]",
            output: value.map { .bool($0) } ?? .null,
            tolerance: "true",
            met: value,
            error: value == nil ? "connection refused" : nil
        )
    }

    private func transition(_ state: FaultTransition.State) -> FaultTransition {
        FaultTransition(
            faultID: "f1",
            step: "lose acknowledgements",
            path: "method[0]",
            plugin: "toxic",
            function: "lose-commit-ack",
            target: "payments->payments-db",
            state: state
        )
    }

    private var fault: [(Double, JournalEvent.Payload)] {
        var confirmed = transition(hits >= 20 ? .confirmed : .unconfirmed)
        confirmed.hits = hits
        confirmed.hitsMinimum = 20
        confirmed.unit = "acknowledgements lost"
        if let occurrences { confirmed.detail["occurrences"] = .integer(Int64(occurrences)) }
        if let unconfirmedReason { confirmed.detail["reason"] = .string(unconfirmedReason) }
        var timed: [(Double, JournalEvent.Payload)] = [
            (13.1, .fault(transition(.prepared))), (13.5, .fault(transition(.injected))),
            (20, .fault(confirmed)), (33.5, .fault(transition(.reverting))),
        ]
        if let undo {
            var last = transition(undo)
            last.error = undo == .reverted ? nil : "the proxy does not answer"
            timed.append((34, .fault(last)))
        }
        return timed
    }

    /// The undo is at 34 s: one reading right after it, one each ten seconds, one when all is well.
    private var recovery: [(Double, JournalEvent.Payload)] {
        let times = [34.25, 34 + (recoveredAfter ?? 1.5)]
        var timed = zip(times, [900, recoveredAfter == nil ? 900.0 : 90]).map { time, value in
            (time, JournalEvent.Payload.probe(latency(.after, value)))
        }
        if readsHealthAfter { timed.append((34.25, .probe(health(.after, true)))) }
        return timed
    }

    private var invariant: InvariantResult {
        InvariantResult(
            name: "no-double-charge-per-order",
            statement: "No order is charged more than once.",
            holds: violations == 0,
            checked: checked,
            violations: violations
        )
    }

    private var load: [(Double, JournalEvent.Payload)] {
        var timed: [(Double, JournalEvent.Payload)] = []
        for arrival in 1...38 {
            let invoked = Double(arrival) + 0.6
            timed.append((invoked, .operation(operation(arrival, .invoke))))
            guard arrival != 37 else { continue }
            let kind: ClientOperation.Kind = [20: .fail, 25: .info][arrival] ?? .ok
            var end = operation(arrival, kind)
            end.latencyMilliseconds = arrival < 30 ? 110 : 120
            timed.append((invoked + 0.11, .operation(end)))
        }
        for second in 1...38 {
            let tick = LoadSecond(
                second: second,
                operation: "checkout",
                planned: 1,
                ok: 1,
                fail: 0,
                info: 0,
                lag: lag
            )
            timed.append((Double(second) + 1, .load(tick)))
        }
        return timed
    }

    private func operation(_ arrival: Int, _ kind: ClientOperation.Kind) -> ClientOperation {
        ClientOperation(arrival: arrival, operation: "checkout", kind: kind, key: "k\(arrival)")
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

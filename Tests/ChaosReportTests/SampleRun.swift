import ChaosJournal
import ChaosModel
import ChaosReport
import ChaosVerdict
import JSON

/// A run of the checkout experiment as it could have been, made from a seed.
///
/// 3 s of warm-up, 10 s of baseline, the fault for `faultSeconds`, recovery, settling.
struct SampleRun: Sendable {
    enum Ending: Sendable { case completed, cutInFault, interrupted }

    var title = "A lost COMMIT acknowledgement charges nobody twice"
    var rate = 2
    var faultSeconds = 20.0
    var hits = 27
    var doubleCharges = 0
    var ending = Ending.completed
    var undoFails = false
    /// Appended to every text that a system under test could have written.
    var hostile = ""
    var seed: UInt64 = 42

    private let origin: Int64 = 1_795_171_345_000_000
    private let target = "payments->payments-db"

    private var injected: Double { 14.2 }
    private var undone: Double { injected + faultSeconds }
    private var settled: Double { undone + 9 }
    private var end: Double { settled + 6 }

    static let held = SampleRun()
    static var deviated: SampleRun {
        var run = SampleRun()
        run.doubleCharges = 5
        return run
    }
    static var inconclusive: SampleRun {
        var run = SampleRun()
        run.hits = 0
        return run
    }
    static var cut: SampleRun {
        var run = SampleRun()
        run.ending = .cutInFault
        return run
    }

    /// The journal as the runner would have written it; a cut one ends within a line.
    var journal: [UInt8] {
        let events = events
        let bytes = events.flatMap { $0.line() }
        return ending == .cutInFault ? Array(bytes.dropLast(40)) : bytes
    }

    /// The report, read back from the journal.
    var report: Report {
        let (events, problems) = JournalReader.events(in: journal)
        return Report(events: events, verdict: Judge.judge(events), problems: problems)
    }

    var events: [JournalEvent] {
        var random = SeededGenerator(seed: seed)
        var timed: [(Double, JournalEvent.Payload)] = [(0, .runStarted(start))]
        timed += phases.map { ($0.1, .phase(PhaseChange($0.0))) }
        timed += readings + faultLife + firings(&random) + load(&random)
        timed.append((1.2, .note("the shop is up" + hostile)))
        timed += invariants.map { (settled + 3, .invariant($0)) }
        timed.append(
            (end, .runEnded(RunEnded(reason: ending == .interrupted ? .interrupted : .completed)))
        )
        let limit = ending == .completed ? end : injected + faultSeconds * 0.6
        let kept = timed.enumerated().filter { $0.element.0 <= limit || isLast($0.element.1) }
            .sorted { ($0.element.0, $0.offset) < ($1.element.0, $1.offset) }
        return kept.enumerated().map { index, entry in
            let time = entry.element.0
            return JournalEvent(
                sequence: index + 1,
                at: Timestamp(microseconds: origin + Int64(time * 1e6)),
                elapsed: Double(Int64(time * 1e6)) / 1e6,
                payload: entry.element.1
            )
        }
    }

    private func isLast(_ payload: JournalEvent.Payload) -> Bool {
        if case .runEnded = payload { ending == .interrupted } else { false }
    }

    private func wall(_ elapsed: Double) -> String {
        Timestamp(microseconds: origin + Int64(elapsed * 1e6)).rfc3339
    }
}

extension SampleRun {
    private var start: RunStarted {
        RunStarted(
            runID: "r-20261120-104225-7f3a",
            file: "experiments/lost-commit-ack.json",
            experiment: [
                "chaos": 1, "title": .string(title + hostile), "description": "",
                "steady-state-hypothesis": [
                    "title": .string(
                        "Nobody is charged twice, and every paid order has one charge." + hostile
                    ),
                    "strategy": "on-fault", "recovers-within": "30s",
                    "probes": [
                        [
                            "name": "checkout p99",
                            "provider": [
                                "type": "metric", "func": "latency",
                                "arguments": ["operation": "checkout", "quantile": 0.99],
                            ],
                            "tolerance": ["at-most": "2s"],
                        ], ["name": "checkout success"], ["name": "money is right"],
                    ],
                ],
            ],
            seed: seed,
            toolVersion: "0.1.0",
            mutants: doubleCharges > 0 ? ["retry-without-key"] : [],
            environment: [
                "kernel": "6.1.0-28-amd64", "processors": 2, "memory": "7.8 GB",
                "postgresql": .string("15.14" + hostile),
            ],
            plan: [
                "warm-up   3 s of load, 2 orders a second",
                "baseline 10 s",
                "inject    toxic.lose-commit-ack on payments->payments-db for 20 s" + hostile,
            ]
        )
    }

    private var phases: [(PhaseChange.Phase, Double)] {
        [
            (.start, 0), (.warmUp, 1), (.baseline, 4), (.method, 14), (.recovery, undone + 0.3),
            (.settle, settled), (.end, end),
        ]
    }

    private var readings: [(Double, JournalEvent.Payload)] {
        var timed = reading(.before, at: 14, p99: 96.4, success: 1)
        var time = injected + 2
        while time < undone {
            timed += reading(.during, at: time, p99: 900 + time * 13, success: 0.994)
            time += 2
        }
        timed += reading(.during, at: undone - 0.01, p99: 1421.5, success: 0.9941)
        timed += reading(.after, at: undone + 0.8, p99: 2840, success: 0.97)
        timed += reading(.after, at: undone + 2.8, p99: 640, success: 0.9968)
        timed += reading(.after, at: undone + 5.2, p99: 118, success: 1)
        let money = ProbeReading(
            phase: .settled,
            step: "money is right",
            path: "steady-state-hypothesis.probes[2]",
            output: ["holds": .bool(doubleCharges == 0), "invariants": []],
            tolerance: "true",
            met: doubleCharges == 0,
            milliseconds: 48
        )
        return timed + [(settled + 3.1, .probe(money))]
    }

    private func reading(
        _ phase: ProbePhase,
        at time: Double,
        p99: Double,
        success: Double
    ) -> [(Double, JournalEvent.Payload)] {
        let latency = ProbeReading(
            phase: phase,
            step: "checkout p99" + hostile,
            path: "steady-state-hypothesis.probes[0]",
            output: .number(p99),
            unit: "ms",
            tolerance: "at most 2s" + hostile,
            met: p99 <= 2000,
            isCumulative: true,
            milliseconds: 0.2
        )
        let share = ProbeReading(
            phase: phase,
            step: "checkout success",
            path: "steady-state-hypothesis.probes[1]",
            output: .number(success),
            unit: "ratio",
            tolerance: "at least 99%",
            met: success >= 0.99,
            isCumulative: true,
            milliseconds: 0.1
        )
        return [(time, .probe(latency)), (time, .probe(share))]
    }

    private func transition(_ state: FaultTransition.State) -> FaultTransition {
        FaultTransition(
            faultID: "f1",
            step: "lose acknowledgements" + hostile,
            path: "method[0]",
            plugin: "toxic",
            function: "lose-commit-ack",
            target: target,
            state: state
        )
    }

    private var faultLife: [(Double, JournalEvent.Payload)] {
        var prepared = transition(.prepared)
        prepared.detail = [
            "api": "http://127.0.0.1:20300", "proxy": .string(target + hostile),
            "toxic": "chaos-r-20261120-104225-7f3a-f1", "former": .null,
        ]
        var confirmed = transition(hits >= 20 ? .confirmed : .unconfirmed)
        confirmed.hits = hits
        confirmed.hitsMinimum = 20
        confirmed.unit = "acknowledgements lost"
        if hits == 0 {
            confirmed.detail["reason"] = .string(
                "No COMMIT passed on \(target) in 20 s, so no acknowledgement could be lost."
                    + hostile
            )
        }
        var last = transition(undoFails ? .revertFailed : .reverted)
        last.error = undoFails ? "the proxy does not answer" + hostile : nil
        let confirmedAt = hits >= 20 ? injected + faultSeconds * 0.55 : undone - 0.02
        return [
            (14.1, .fault(prepared)), (injected, .fault(transition(.injected))),
            (confirmedAt, .fault(confirmed)), (undone - 0.01, .fault(transition(.reverting))),
            (undone, .fault(last)),
        ]
    }

    private func firings(
        _ random: inout SeededGenerator
    ) -> [(Double, JournalEvent.Payload)] {
        (0..<hits).map { index in
            let share = (Double(index) + Double.random(in: 0.1..<0.9, using: &random))
            let time = injected + share * faultSeconds / Double(Swift.max(1, hits))
            let firing = FaultFiring(
                faultID: "f1",
                ordinal: index + 1,
                firedAt: Timestamp(microseconds: origin + Int64(time * 1e6)),
                target: target,
                detail: [
                    "connection": .string("c\(17 + index)" + hostile),
                    "commit": .integer(Int64(5 * (index + 1))),
                ]
            )
            return (time + 0.2, .firing(firing))
        }
    }
}

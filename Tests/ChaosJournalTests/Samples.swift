import ChaosJournal
import ChaosModel
import JSON
import Testing

/// Events of every kind, and random ones.
enum Samples {
    struct Named: Sendable, CustomTestStringConvertible {
        var name: String
        var payload: JournalEvent.Payload
        var testDescription: String { name }
    }

    static let runStarted = RunStarted(
        runID: "r-20261120-104245",
        file: "experiments/lost-commit-ack.json",
        experiment: ["title": "Lost ✓ \"ack\"", "method": [["type": "action"]]],
        seed: 42,
        toolVersion: "0.1.0",
        mutants: ["retry-without-key"],
        environment: ["kernel": "6.1.0", "processors": 2],
        plan: ["wait 10 s", "inject \\ lose-commit-ack"]
    )

    static let payloads: [Named] = [
        Named(name: "run-started", payload: .runStarted(runStarted)),
        Named(name: "system", payload: .system(system)),
        Named(name: "phase", payload: .phase(PhaseChange(.warmUp))),
        Named(name: "probe", payload: .probe(probe)),
        Named(name: "failed probe", payload: .probe(failedProbe)),
        Named(name: "action", payload: .action(action)),
        Named(name: "fault", payload: .fault(fault)),
        Named(name: "failed fault", payload: .fault(failedFault)),
        Named(name: "firing", payload: .firing(firing)),
        Named(name: "invoke", payload: .operation(invoke)),
        Named(name: "operation", payload: .operation(operation)),
        Named(name: "load", payload: .load(load)),
        Named(
            name: "traffic",
            payload: .traffic(
                TrafficSample(
                    seconds: 1.002,
                    links: [.init(name: "payments->payments-db", upstream: 4711, downstream: 0)]
                )
            )
        ),
        Named(name: "invariant", payload: .invariant(invariant)),
        Named(name: "abort", payload: .abort(reason: "error rate above 50%")),
        Named(
            name: "host-compared",
            payload: .hostCompared(
                HostComparison(facts: 3, left: ["a: 2, was 1"], others: ["b"], error: "c")
            )
        ),
        Named(name: "note", payload: .note("line\u{2028}one\r\n\ttwo \u{1}")),
        Named(name: "run-ended", payload: .runEnded(RunEnded(reason: .completed))),
        Named(
            name: "interrupted",
            payload: .runEnded(RunEnded(reason: .interrupted, detail: "Ctrl-C"))
        ),
    ]

    static var system: SystemDescription {
        var system = SystemDescription(
            name: "shop",
            services: [.init(name: "payments", pid: 4711, url: "http://127.0.0.1:20304")],
            links: [.init(name: "payments->payments-db", wireProtocol: .postgres)],
            databases: [.init(service: "payments", observer: "host=/tmp/x dbname=payments")]
        )
        system.gateway = "http://127.0.0.1:20301"
        system.mutants = ["retry-without-key"]
        return system
    }

    private static let probe = ProbeReading(
        phase: .during,
        step: "checkout p99",
        path: "steady-state-hypothesis.probes[0]",
        output: 231.25,
        unit: "ms",
        tolerance: "at most 300ms",
        met: true,
        isCumulative: true,
        milliseconds: 0.25
    )
    private static let failedProbe = ProbeReading(
        phase: nil,
        step: "count",
        path: "method[1]",
        output: .null,
        error: "connection refused"
    )
    private static let action = ActionOutcome(
        step: "clean",
        path: "rollbacks[0]",
        output: ["status": 0, "stdout": "done\n"],
        error: "late",
        milliseconds: 12.5
    )
    private static let fault = FaultTransition(
        faultID: "f1",
        step: "lose acks",
        path: "method[0]",
        plugin: "toxic",
        function: "lose-commit-ack",
        target: "payments->payments-db",
        state: .confirmed,
        hits: 27,
        hitsMinimum: 20,
        unit: "acknowledgements lost",
        detail: ["toxic": "chaos-r1"]
    )
    private static let failedFault = FaultTransition(
        faultID: "f1",
        step: "lose acks",
        path: "method[0]",
        plugin: "toxic",
        function: "lose-commit-ack",
        target: "payments->payments-db",
        state: .revertFailed,
        error: "the proxy is gone"
    )
    private static let firing = FaultFiring(
        faultID: "f1",
        ordinal: 3,
        firedAt: Timestamp(microseconds: 1_795_000_000_123_456),
        target: "payments->payments-db",
        detail: ["connection": "c17", "transaction": 991]
    )
    private static let invoke = ClientOperation(
        arrival: 1,
        operation: "placement",
        kind: .invoke,
        key: "k-1"
    )
    private static let operation = ClientOperation(
        arrival: 1,
        operation: "checkout",
        kind: .info,
        key: "k-1",
        order: "5f3c",
        status: 503,
        latencyMilliseconds: 1234.5,
        detail: "timeout after 30 s"
    )
    private static var load: LoadSecond {
        var load = LoadSecond(
            second: 12,
            operation: "checkout",
            planned: 150,
            ok: 148,
            fail: 1,
            info: 1,
            lag: 0.75
        )
        load.p50 = 12.5
        load.p90 = 20.25
        load.p99 = 1e-5
        load.max = 1e20
        return load
    }
    private static let invariant = InvariantResult(
        name: "no-double-charge",
        statement: "Every order is charged at most once.",
        holds: false,
        checked: 1200,
        violations: 1,
        witnesses: [["order": "5f3c", "charges": ["ch_1", "ch_2"]]]
    )

    static func event(_ payload: JournalEvent.Payload, sequence: Int) -> JournalEvent {
        JournalEvent(
            sequence: sequence,
            at: Timestamp(microseconds: 1_795_171_365_087_402),
            elapsed: 12.345678,
            payload: payload
        )
    }

    /// The events as a journal, numbered from 1.
    static func renumbered(_ events: [JournalEvent]) -> [UInt8] {
        events.enumerated().flatMap { index, event in
            var event = event
            event.sequence = index + 1
            return event.line()
        }
    }

    static func randomEvent(_ sequence: Int, _ random: inout SeededGenerator) -> JournalEvent {
        var event = event(payloads[0].payload, sequence: sequence)
        event.at = Timestamp(microseconds: .random(in: 0...4_000_000_000_000_000, using: &random))
        event.elapsed = Double(Int.random(in: 0...9_999_999_999, using: &random)) / 1e6
        if Bool.random(using: &random) {
            event.payload = .operation(randomOperation(&random))
        } else {
            event.payload = payloads[Int.random(in: 0..<payloads.count, using: &random)].payload
        }
        return event
    }

    private static func randomOperation(_ random: inout SeededGenerator) -> ClientOperation {
        let kinds: [ClientOperation.Kind] = [.invoke, .ok, .fail, .info]
        return ClientOperation(
            arrival: Int.random(in: 0...1_000_000, using: &random),
            operation: randomText(&random),
            kind: kinds[Int.random(in: 0..<4, using: &random)],
            key: randomText(&random),
            order: Bool.random(using: &random) ? randomText(&random) : nil,
            status: Bool.random(using: &random) ? Int.random(in: 0...599, using: &random) : nil,
            latencyMilliseconds: Bool.random(using: &random)
                ? Double.random(in: 0...100_000, using: &random) : nil,
            detail: Bool.random(using: &random) ? randomText(&random) : nil
        )
    }

    private static func randomText(_ random: inout SeededGenerator) -> String {
        let alphabet = Array("abcXYZ0189-_ \"\\/\n\t\u{0}\u{7f}é✓🙂{}[]:,")
        let count = Int.random(in: 0...12, using: &random)
        let isPlain = Bool.random(using: &random)
        let range = isPlain ? 0..<12 : 0..<alphabet.count
        return String((0..<count).map { _ in alphabet[Int.random(in: range, using: &random)] })
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

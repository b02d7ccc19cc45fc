import ChaosGameDay
import ChaosJournal
import ChaosModel
import JSON
import Testing

struct LiveRunTests {
    private func event(_ second: Double, _ payload: JournalEvent.Payload) -> JournalEvent {
        JournalEvent(
            sequence: 1,
            at: Timestamp(microseconds: Int64(second * 1e6)),
            elapsed: second,
            payload: payload
        )
    }

    private func fault(_ state: FaultTransition.State) -> JournalEvent.Payload {
        .fault(
            FaultTransition(
                faultID: "f1",
                step: "slow",
                path: "method[0]",
                plugin: "toxic",
                function: "latency",
                target: "a->b",
                state: state,
                hits: state == .reverted ? 7 : nil
            )
        )
    }

    private func reading(_ met: Bool) -> JournalEvent.Payload {
        .probe(
            ProbeReading(
                phase: .during,
                step: "p99",
                path: "steady-state-hypothesis.probes[0]",
                output: met ? 0.2 : 2.5,
                tolerance: "at most 1.5 s",
                met: met
            )
        )
    }

    @Test func `a fault is in effect from its injection to its undo`() {
        var live = LiveRun()
        #expect(live.take(event(1, fault(.prepared))) == nil)
        #expect(live.take(event(2, fault(.injected)))?.text == "in effect: latency on a->b")
        #expect(live.inEffect.map(\.function) == ["latency"])
        #expect(live.take(event(4, reading(true))) == nil)
        #expect(live.take(event(5, reading(false)))?.kind == .probe)
        #expect(live.take(event(6, reading(false))) == nil)
        #expect(live.take(event(9, fault(.reverted)))?.text == "reverted: latency on a->b (7 hits)")
        #expect(live.inEffect.isEmpty)
        #expect(live.shades.map(\.from) == [2] && live.shades.map(\.to) == [9])
        var result = RoundResult(.held, "")
        live.complete(&result)
        #expect(result.injectedAt?.microseconds == 2_000_000)
        #expect(result.unmetAt?.microseconds == 5_000_000)
        #expect(result.undoneAt?.microseconds == 9_000_000)
    }

    @Test func `what is kept is bounded`() {
        var live = LiveRun()
        for second in 0..<1_000 {
            for name in 0..<30 {
                let reading = ProbeReading(
                    phase: .during,
                    step: "probe \(name)",
                    path: "",
                    output: .integer(Int64(second)),
                    met: true
                )
                _ = live.take(event(Double(second), .probe(reading)))
            }
        }
        #expect(live.probes.count == LiveRun.seriesMaximum)
        #expect(live.probes.allSatisfy { $0.points.count == LiveRun.pointsMaximum })
    }
}

import ChaosJournal
import ChaosModel
import ChaosVerdict
import JSON
import Testing

/// What each rule makes of a run that differs from a good one in one thing.
struct VerdictRules {
    @Test func `a run whose every promise was kept held`() {
        let verdict = Judge.judge(Story().events)
        #expect(verdict.outcome == .held)
        #expect(verdict.exitStatus == 0)
        #expect(verdict.reasons.isEmpty)
        #expect(
            verdict.sentence
                == "“Nobody is charged twice” held with 27 acknowledgements lost on "
                + "payments->payments-db; the steady state was back within 1.5 s of the undo."
        )
        #expect(verdict.hypothesis.rows.allSatisfy { $0.met == true })
        #expect(verdict.faults.map(\.undo) == [.undone])
        #expect(verdict.recovery?.measured == 1.5)
    }

    @Test func `a violated invariant deviates`() {
        var story = Story()
        story.violations = 3
        let verdict = Judge.judge(story.events)
        #expect(verdict.outcome == .deviated)
        #expect(verdict.exitStatus == 1)
        #expect(
            verdict.sentence
                == "“No order is charged more than once” is broken: 3 violations among 1,200 "
                + "checked, with 27 acknowledgements lost on payments->payments-db."
        )
    }

    @Test(arguments: [RunEnded.Reason.completed, .aborted, .failed, nil])
    func `a violated invariant deviates also without a fault, however the run ended`(
        end: RunEnded.Reason?
    ) {
        var story = Story()
        story.violations = 1
        story.hits = 0
        story.end = end
        let verdict = Judge.judge(story.events)
        #expect(verdict.outcome == .deviated)
        #expect(verdict.exitStatus == 1)
    }

    @Test func `an invariant that had nothing to look at is told, and does not count as broken`() {
        var story = Story()
        story.checked = 0
        let verdict = Judge.judge(story.events)
        #expect(verdict.outcome == .held)
        #expect(verdict.reasons.map(\.kind) == [.invariantNotObserved])
        #expect(verdict.invariants.map(\.isVacuous) == [true])
    }

    @Test func `a violation that a later check no longer sees is not forgotten`() {
        var story = Story()
        story.violations = 2
        var events = story.events
        let clean = InvariantResult(
            name: "no-double-charge-per-order",
            statement: "No order is charged more than once.",
            holds: true,
            checked: 1300,
            violations: 0
        )
        story.insert(.invariant(clean), at: 43, into: &events)
        let verdict = Judge.judge(events)
        #expect(verdict.outcome == .deviated)
        #expect(verdict.invariants.first?.violations == 2)
        #expect(verdict.invariants.first?.checks == 2)
    }

    @Test func `a fault without hits is inconclusive and says so in the plugin's words`() {
        var story = Story()
        story.hits = 0
        story.unconfirmedReason =
            "No COMMIT passed on payments->payments-db in 20 s, so no acknowledgement could be lost"
        let verdict = Judge.judge(story.events)
        #expect(verdict.outcome == .inconclusive)
        #expect(verdict.exitStatus == 2)
        #expect(verdict.sentence == (story.unconfirmedReason ?? "") + ".")
    }

    @Test func `a fault that had no chance says so`() {
        var story = Story()
        story.hits = 0
        story.occurrences = 0
        #expect(
            Judge.judge(story.events).sentence
                == "Nothing that lose-commit-ack could hit passed on payments->payments-db in 20 s:"
                + " no acknowledgements lost, where at least 20 are asked for."
        )
        story.hits = 3
        story.occurrences = 17
        #expect(
            Judge.judge(story.events).sentence
                == "lose-commit-ack on payments->payments-db did too little in 20 s: "
                + "3 acknowledgements lost at 17 chances, where at least 20 are asked for."
        )
    }

    @Test func `fewer hits than asked for are inconclusive`() {
        var story = Story()
        story.hits = 7
        let verdict = Judge.judge(story.events)
        #expect(verdict.outcome == .inconclusive)
        #expect(
            verdict.sentence
                == "lose-commit-ack on payments->payments-db did too little in 20 s: "
                + "7 acknowledgements lost, where at least 20 are asked for."
        )
    }

    @Test func `a baseline that is not met is inconclusive, and nothing was injected`() {
        var story = Story()
        story.baselineLatency = 500
        story.isInjected = false
        let verdict = Judge.judge(story.events)
        #expect(verdict.outcome == .inconclusive)
        #expect(verdict.exitStatus == 2)
        #expect(
            verdict.sentence
                == "The system was not in its steady state to begin with: “checkout p99” was 500 ms"
                + " before the method; tolerated is at most 300ms. Nothing was injected."
        )
    }

    @Test func `the last reading of a cumulative probe counts`() {
        var story = Story()
        story.duringLatencies = [900, 450, 280]
        #expect(Judge.judge(story.events).outcome == .held)
        story.duringLatencies = [200, 250, 310]
        let verdict = Judge.judge(story.events)
        #expect(verdict.outcome == .deviated)
        #expect(
            verdict.reasons.map(\.text) == [
                "“checkout p99” was 310 ms while the fault was in effect; "
                    + "tolerated is at most 300ms."
            ]
        )
    }

    @Test func `every reading of another probe counts`() {
        var story = Story()
        story.healthDuring = [true, false, true]
        let verdict = Judge.judge(story.events)
        #expect(verdict.outcome == .deviated)
        #expect(
            verdict.sentence.hasPrefix(
                "“gateway answers” was false while the fault was in effect (1 of 3 readings)"
            )
        )
    }

    @Test(arguments: [
        ("default", Verdict.Outcome.held), ("after-method-only", .held),
        ("before-method-only", .held), ("skip", .held), ("during-method-only", .deviated),
        ("continuously", .deviated), ("on-fault", .deviated),
    ])
    func `readings during the fault count only where the strategy says so`(
        strategy: String,
        outcome: Verdict.Outcome
    ) {
        var story = Story()
        story.strategy = strategy
        story.duringLatencies = [800]
        #expect(Judge.judge(story.events).outcome == outcome)
    }

    @Test func `a probe that failed is inconclusive`() {
        var story = Story()
        story.healthDuring = [true, nil, true]
        let verdict = Judge.judge(story.events)
        #expect(verdict.outcome == .inconclusive)
        #expect(
            verdict.sentence
                == "“gateway answers” could not be judged while the fault was in effect: "
                + "connection refused."
        )
    }

    @Test func `a probe that was never read where it counts is inconclusive`() {
        var story = Story()
        story.healthDuring = []
        story.readsHealthAfter = false
        let verdict = Judge.judge(story.events)
        #expect(verdict.outcome == .inconclusive)
        #expect(verdict.sentence == "“gateway answers” was not read in any phase that decides.")
    }

    @Test func `a steady state that returns too late deviates`() {
        var story = Story()
        story.recoveredAfter = 40
        let verdict = Judge.judge(story.events)
        #expect(verdict.outcome == .deviated)
        #expect(
            verdict.reasons.map(\.text) == [
                "The steady state was back only 40 s after the last undo; 30 s are allowed."
            ]
        )
    }

    @Test func `a steady state that never returns deviates`() {
        var story = Story()
        story.recoveredAfter = nil
        let verdict = Judge.judge(story.events)
        #expect(verdict.outcome == .deviated)
        #expect(verdict.recovery?.measured == nil)
        #expect(verdict.reasons.map(\.kind) == [.notRecovered])
    }

    @Test func `an undo that failed is exit status 4 and the first thing said`() {
        var story = Story()
        story.undo = .revertFailed
        story.violations = 1
        let verdict = Judge.judge(story.events)
        #expect(verdict.exitStatus == 4)
        #expect(verdict.outcome == .deviated)
        #expect(
            verdict.sentence
                == "UNDO INCOMPLETE: lose-commit-ack on payments->payments-db may still be in "
                + "effect: the proxy does not answer. Run `chaos recover`."
        )
    }

    @Test func `an undo that is missing from a complete journal is exit status 4`() {
        var story = Story()
        story.undo = nil
        #expect(Judge.judge(story.events).exitStatus == 4)
    }

    @Test func `a machine that is not as it was is exit status 4, what others changed is not`() {
        var events = Story().events
        let others = HostComparison(facts: 2, others: ["the tables: b, was a"])
        Story().insert(.hostCompared(others), at: 51, into: &events)
        #expect(Judge.judge(events).exitStatus == 0)
        let left = HostComparison(facts: 2, left: (1...4).map { "thing \($0): 2, was 1" })
        Story().insert(.hostCompared(left), at: 51.5, into: &events)
        let verdict = Judge.judge(events)
        #expect(verdict.exitStatus == 4)
        #expect(
            verdict.sentence
                == "UNDO INCOMPLETE: this machine is not as it was before the method: thing 1: 2,"
                + " was 1; thing 2: 2, was 1; thing 3: 2, was 1; and 1 more. Run `chaos recover`."
        )
    }

    @Test func `an aborted run is exit status 3`() {
        var story = Story()
        story.end = .aborted
        let verdict = Judge.judge(story.events)
        #expect(verdict.outcome == .inconclusive)
        #expect(verdict.exitStatus == 3)
        #expect(verdict.sentence == "The run was aborted after 52 s: error ratio above 50%.")
    }

    @Test func `an interrupted run is exit status 130`() {
        var story = Story()
        story.end = .interrupted
        #expect(Judge.judge(story.events).exitStatus == 130)
        story.endDetail = "SIGTERM"
        #expect(Judge.judge(story.events).exitStatus == 143)
        #expect(Judge.judge(story.events).outcome == .inconclusive)
    }

    @Test func `a generator that runs late is a blind observer, not a slow system`() {
        var story = Story()
        story.lag = 180
        story.duringLatencies = [800]
        let verdict = Judge.judge(story.events)
        #expect(verdict.outcome == .inconclusive)
        #expect(verdict.reasons.map(\.kind).contains(.blindObserver))
    }

    @Test func `a generator that runs late says nothing against probes that are not about time`() {
        var story = Story()
        story.lag = 180
        story.unit = ""
        #expect(Judge.judge(story.events).outcome == .held)
        let verdict = Judge.judge(story.events)
        #expect(verdict.reasons.first { $0.kind == .blindObserver }?.effect == .informs)
        story.duringLatencies = [800]
        #expect(Judge.judge(story.events).outcome == .deviated)
        story.duringLatencies = Story().duringLatencies
        story.lag = 1_200
        #expect(Judge.judge(story.events).outcome == .inconclusive)
    }

    @Test func `an action of the author's that failed is inconclusive`() {
        var events = Story().events
        let outcome = ActionOutcome(
            step: "warm cache",
            path: "method[1]",
            output: .null,
            error: "no"
        )
        Story().insert(.action(outcome), at: 30, into: &events)
        #expect(Judge.judge(events).outcome == .inconclusive)
    }

    @Test func `an empty journal is inconclusive`() {
        let verdict = Judge.judge([])
        #expect(verdict.outcome == .inconclusive)
        #expect(verdict.exitStatus == 2)
    }
}

/// Journals that end anywhere.
struct CutJournals {
    @Test func `every prefix of a journal gets a verdict, and none but the whole one holds`() {
        let events = Story().events
        for count in 0..<events.count {
            let verdict = Judge.judge(Array(events[..<count]))
            #expect(verdict.outcome == .inconclusive, "after \(count) events")
            #expect(verdict.exitStatus == 2, "after \(count) events")
        }
    }

    @Test func `a run cut in the middle of its fault says when, and who undoes it`() throws {
        let events = Story().events
        let index = try #require(
            events.firstIndex {
                if case .fault(let transition) = $0.payload {
                    transition.state == .confirmed
                } else {
                    false
                }
            }
        )
        let verdict = Judge.judge(Array(events[...index]))
        #expect(
            verdict.sentence
                == "The run was cut at 20 s (2026-11-20T10:42:45Z): its journal ends "
                + "without a last word."
        )
        #expect(verdict.faults.map(\.undo) == [.unknown])
        #expect(verdict.reasons.last?.text.contains("the guardian undoes it") == true)
    }

    @Test func `shuffled and thinned journals never trap`() {
        var random = SeededGenerator(seed: 11)
        let events = Story().events
        for _ in 0..<300 {
            let some = events.shuffled(using: &random).prefix(
                Int.random(in: 0...events.count, using: &random)
            )
            _ = Judge.judge(Array(some)).json
        }
    }
}

/// The tables beside the outcome.
struct VerdictTables {
    @Test func `the load is counted where it was invoked`() throws {
        let verdict = Judge.judge(Story().events)
        func row(_ window: LoadSummary.Window) throws -> LoadSummary {
            try #require(verdict.load.first { $0.window == window })
        }
        let before = try row(.before)
        #expect([before.planned, before.ok, before.fail, before.info] == [10, 10, 0, 0])
        let during = try row(.during)
        #expect([during.planned, during.ok, during.fail, during.info] == [21, 19, 1, 1])
        #expect(during.availability == 19.0 / 21)
        #expect(during.p50 == 110)
        #expect(during.p99 == 120)
        let after = try row(.after)
        #expect([after.planned, after.ok, after.pending] == [5, 4, 1])
        #expect(try row(.total).planned == 38)
    }

    @Test func `the form for machines is complete and stable`() throws {
        let json = Judge.judge(Story().events).json
        #expect(json["outcome"] == "held")
        #expect(json["exit_status"] == 0)
        #expect(json["run"]?["seed"] == "18446744073709551615")
        #expect(json["faults"]?[0]?["hits"] == 27)
        #expect(json["hypothesis"]?["probes"]?[0]?["phases"]?["during"]?["observed"] == 280.0)
        #expect(json["recovery"]?["limit_s"] == 30.0)
        #expect(try JSONValue.parse(json.serialized()) == json)
    }

    @Test(arguments: [
        (0.0, "0 ms"), (0.125, "0.13 ms"), (9.96, "10.0 ms"), (12.345, "12.3 ms"),
        (231.4, "231 ms"), (1234.4, "1,234 ms"), (12_345, "12.3 s"), (250_000, "4 min 10 s"),
    ])
    func `milliseconds read well`(value: Double, text: String) {
        #expect(NumberText.milliseconds(value) == text)
    }

    @Test(arguments: [
        (1.0, "100%"), (0.99999, "99.99%"), (0.9991, "99.91%"), (0.5, "50%"), (0.0, "0%"),
        (0.00001, "<0.01%"),
    ])
    func `a share never reads better than it is`(share: Double, text: String) {
        #expect(NumberText.percent(share) == text)
    }
}

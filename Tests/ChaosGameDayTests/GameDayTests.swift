import ChaosGameDay
import ChaosModel
import JSON
import Testing

struct GameDayTests {
    @Test func `a day goes from its checks through its rounds to its end`() throws {
        var held = try HeldDay()
        #expect(held.day.errand == .check)
        held.readChecks()
        #expect(held.day.stage == .checking)
        #expect(held.say("yes 2") == nil)
        #expect(held.day.stage == .deciding)
        #expect(held.say("go") == nil)
        #expect(held.say("predict p99 rises") == nil)
        #expect(held.say("go") == nil)
        #expect(held.day.errand == .run(0))
        #expect(held.say("seen it is slow", by: "Bo") == nil)
        held.endRun(.held)
        #expect(held.day.stage == .debriefing(0))
        held.say("go")
        held.say("go")
        #expect(held.day.stage == .running(1))
        #expect(held.day.errand == .wait)
        #expect(held.say("done") == nil)
        held.say("go")
        #expect(held.say("skip") == nil)
        #expect(held.day.stage == .ending(.completed))
        #expect(held.day.errand == .close)
        #expect(held.day.rounds.map(\.outcome) == [.held, .done, .skipped])
        #expect(held.day.rounds[0].predictions.map(\.text) == ["p99 rises"])
        #expect(held.day.worst == nil)
    }

    private static let refusals: [(setup: [String], line: String, words: String)] = [
        ([], "go", "not answered yet"),
        ([], "yes 1", "is no question"),
        ([], "yes x", "Give its number"),
        ([], "stop", "no round runs"),
        ([], "skip", "has not begun"),
        ([], "repeat", "that has ended"),
        ([], "predict x", "before a round"),
        ([], "note", "nothing to write"),
        ([], "nte x", "Did you mean \"note\"?"),
        ([], "done", "a manual step"),
        (["yes 2", "go"], "yes 2", "the checks are over"),
        (["yes 2", "go"], "no-go", "End it with 'abort'"),
        (["yes 2", "go", "go"], "skip", "'stop' ends it"),
        (["yes 2", "go", "go"], "go", "goes on by itself"),
        (["yes 2", "go", "go"], "done", "a manual step"),
        (["yes 2", "go", "go", "stop"], "stop", "is stopping"),
        (["yes 2", "go", "pause"], "pause", "paused already"),
        (["abort"], "abort", "ending already"),
        (["abort"], "go", "ending"),
    ]

    @Test(arguments: refusals)
    func `what cannot be done now is refused with what can`(
        setup: [String],
        line: String,
        words: String
    ) throws {
        var held = try HeldDay()
        held.readChecks()
        for line in setup { #expect(held.say(line) == nil) }
        let before = held.journal
        let refusal = held.say(line)
        #expect(refusal?.contains(words) == true, "\(refusal ?? "accepted")")
        #expect(held.journal == before)
    }

    @Test func `a stop ends the round and nothing begins until somebody says go`() throws {
        var held = try HeldDay.atFirstBriefing()
        held.say("go")
        #expect(held.say("stop it hurts") == nil)
        #expect(held.day.isStopAsked)
        #expect(held.day.pause?.by == "Ada")
        held.endRun(.stopped)
        #expect(held.day.stage == .debriefing(0))
        #expect(held.day.rehearsal == nil)
        #expect(held.say("go") == nil)
        #expect(held.day.pause == nil)
        #expect(held.day.stage == .debriefing(0))
        #expect(held.say("repeat") == nil)
        #expect(held.day.stage == .briefing(0))
    }

    @Test func `an abort waits for the round to be undone`() throws {
        var held = try HeldDay.atFirstBriefing()
        held.say("go")
        #expect(held.say("abort enough") == nil)
        #expect(held.day.stage == .running(0))
        #expect(held.day.isStopAsked)
        held.endRun(.interrupted)
        #expect(held.day.stage == .ending(.aborted))
    }

    @Test func `a rule ends the day after a bad round`() throws {
        var held = try HeldDay.atFirstBriefing()
        held.say("go")
        held.endRun(.deviated)
        let consequence = try #require(held.day.consequence)
        #expect(consequence.command == .abort("round 1 deviated: twice"))
        #expect(consequence.by == "abort rule")
    }

    @Test func `a rehearsal needs nobody, and ends as no-go when a probe is not met`() throws {
        for isMet in [true, false] {
            var held = try HeldDay()
            held.readChecks(met: isMet)
            for _ in 0..<20 {
                for draft in held.day.rehearsal ?? [] { held.append(draft) }
                if case .run = held.day.errand { held.endRun(.held) }
            }
            #expect(held.day.stage == .ending(isMet ? .completed : .noGo))
            if isMet { #expect(held.day.rounds.map(\.outcome) == [.held, .notDone, .held]) }
        }
    }

    @Test func `a round that was cut off is tried again in a rehearsal, three times at most`()
        throws
    {
        var held = try HeldDay.atFirstBriefing()
        for number in 1...3 {
            for draft in held.day.rehearsal ?? [] { held.append(draft) }
            held.append(.init(.resumed))
            held.endRun(.interrupted)
            for draft in held.day.rehearsal ?? [] { held.append(draft) }
            #expect(held.day.stage == (number < 3 ? .briefing(0) : .briefing(1)))
        }
        #expect(held.day.interruptions == 3)
        #expect(held.day.rounds[0].attempts.count == 3)
    }

    private static let lines = [
        "go", "no-go", "yes 2", "no 2", "recheck", "skip", "repeat", "pause", "stop", "abort",
        "note a", "seen", "surprise b", "predict c", "action d", "done", "failed e", "nonsense",
    ]

    @Test(arguments: 0..<40)
    func `whatever people say, the day stays sound and its journal tells it again`(
        seed: Int
    ) throws {
        var random = SplitMix(state: UInt64(seed))
        var held = try HeldDay()
        for _ in 0..<120 {
            let line = try #require(Self.lines.randomElement(using: &random))
            // Ending words would end most walks at once.
            let isRare = ["abort", "no-go"].contains(line)
            if !isRare || Int.random(in: 0..<12, using: &random) == 0 { held.say(line) }
            switch held.day.errand {
            case .check: held.readChecks(met: Bool.random(using: &random))
            case .run where Int.random(in: 0..<3, using: &random) == 0:
                held.endRun(try #require(RoundOutcome.allCases.randomElement(using: &random)))
            case .run, .wait, .close: break
            }
            check(held.day)
        }
        let again = GameDay(
            plan: held.day.plan,
            events: GameDayEvent.events(in: held.journal)
        )
        #expect(Self.picture(again) == Self.picture(held.day))
        // A torn last line is left out, and the rest is still a day.
        let torn = GameDayEvent.events(in: Array(held.journal.dropLast(5)))
        #expect(torn.count == GameDayEvent.events(in: held.journal).count - 1)
    }

    private func check(_ day: GameDay) {
        let running = day.rounds.filter { $0.attempts.last.map { $0.endedAt == nil } ?? false }
        if case .running = day.stage {
            #expect(running.count == 1)
        } else {
            #expect(running.isEmpty)
            #expect(!day.isStopAsked || day.isClosed)
        }
        if let round = day.stage.round { #expect(day.rounds.indices.contains(round)) }
        #expect(day.log.count <= GameDay.logMaximum)
        let answers = day.checks.filter { $0.question == nil && $0.isAnswered }
        #expect(answers.allSatisfy { $0.met != nil })
    }

    private static func picture(_ day: GameDay) -> String {
        DashboardState(
            day: day,
            live: nil,
            leases: [],
            now: Timestamp(microseconds: 0),
            hasDocument: false
        ).json.serialized()
    }
}

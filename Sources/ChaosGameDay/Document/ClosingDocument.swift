import ChaosModel
import ChaosVerdict

/// What stays of a GameDay: what was expected, what happened, what surprised, how long it took to
/// notice and to recover, what is to be done; every claim with a link to its evidence.
package struct ClosingDocument: Sendable {
    /// One round as the document tells it.
    struct Round: Sendable {
        var number: Int
        var plan: GameDayPlan.Round
        var state: GameDay.RoundState
        var observations: [GameDay.Remark]
        var surprises: [String]
        /// Seconds from the injection until a person said so, and until a probe was not met.
        var detectedByPeople: Double?
        var detectedByProbes: Double?
        var recovery: Double?

        var result: RoundResult? { state.attempts.last?.result }
    }

    let day: GameDay
    let rounds: [Round]
    /// What is to be done, with who asked for it.
    let actions: [(text: String, by: String)]

    package init(_ day: GameDay) {
        self.day = day
        rounds = day.plan.rounds.indices.map { Self.round($0, day) }
        actions =
            day.actions.map { ($0.text, $0.by) }
            + rounds.compactMap { Self.proposal($0).map { ($0, "proposed by chaos") } }
    }

    private static func round(_ index: Int, _ day: GameDay) -> Round {
        let state = day.rounds[index]
        let remarks = day.remarks.filter { $0.round == index }
        var round = Round(
            number: index + 1,
            plan: day.plan.rounds[index],
            state: state,
            observations: remarks.filter { $0.kind != .surprise },
            surprises: remarks.filter { $0.kind == .surprise }.map { "\($0.text) (\($0.by))" }
        )
        guard let result = state.attempts.last?.result else { return round }
        if let injected = result.injectedAt {
            let seen = remarks.first { $0.kind == .seen && $0.at >= injected }
            round.detectedByPeople = seen.map { seconds(from: injected, to: $0.at) }
            round.detectedByProbes = result.unmetAt.map { seconds(from: injected, to: $0) }
        }
        round.recovery = result.recovery
        round.surprises += machineSurprises(result)
        return round
    }

    private static func seconds(from start: Timestamp, to end: Timestamp) -> Double {
        Double(end.microseconds - start.microseconds) / 1e6
    }

    /// What the plan did not expect, whether or not somebody noticed.
    private static func machineSurprises(_ result: RoundResult) -> [String] {
        switch result.outcome {
        case .held, .done, .notDone, .skipped, .stopped: []
        case .interrupted: ["The run was cut off; what it had injected was undone."]
        default: result.reasons.isEmpty ? [result.sentence] : result.reasons
        }
    }

    /// The next step that a bad outcome asks for.
    private static func proposal(_ round: Round) -> String? {
        guard let outcome = round.state.outcome else { return nil }
        let title = "round \(round.number) (\(round.plan.title))"
        switch outcome {
        case .deviated: return "Find the cause of the deviation in \(title), then repeat it."
        case .undoIncomplete: return "Run 'chaos recover' and find out what was left by \(title)."
        case .inconclusive: return "Make \(title) conclusive, then repeat it."
        case .failed, .interrupted: return "Repeat \(title): it was not carried to its end."
        case .stopped, .aborted: return "Decide whether \(title) is repeated: it was ended early."
        case .notDone: return "Carry out \(title) with people: a rehearsal leaves it out."
        case .held, .done:
            return round.detectedByPeople == nil && round.detectedByProbes == nil
                && round.plan.signals.isEmpty && !round.plan.isManual
                ? "Name the signals by which \(title) would be noticed." : nil
        case .skipped: return nil
        }
    }

    /// The day in one sentence.
    var sentence: String {
        let run = rounds.filter { $0.result != nil && $0.state.skippedBy == nil }
        let good = run.count { $0.state.outcome?.isGood == true }
        switch day.stage {
        case .closed(.noGo), .ending(.noGo):
            return "No-go: the day ended before its first round."
        case .closed(.aborted), .ending(.aborted):
            let why = day.abort.map { $0.text.isEmpty ? "" : ": \($0.text)" } ?? ""
            return "The day was aborted after \(NumberText.count(run.count, "round"))\(why)."
        default:
            let undone = run.count { $0.state.outcome == .notDone }
            let bad = run.count - good - undone
            var end =
                bad == 0 && undone == 0
                ? "all of them went as believed" : "\(good) as believed"
            if bad > 0 { end += ", \(bad) not" }
            if undone > 0 { end += ", \(undone) not carried out" }
            return "\(NumberText.count(run.count, "round")): \(end)."
        }
    }

    /// The tone of the whole day.
    var tone: String {
        switch day.stage {
        case .closed(.completed), .ending(.completed):
            guard let worst = day.worst else { return "held" }
            return worst.tone
        default: return "inconclusive"
        }
    }

    /// From the first to the last event.
    var duration: String {
        guard let start = day.openedAt, let end = day.closedAt ?? day.log.last?.at else {
            return "—"
        }
        return NumberText.seconds(Double((end.microseconds - start.microseconds) / 1_000_000))
    }

    /// `2026-12-04 10:42 UTC`.
    static func time(_ time: Timestamp?) -> String {
        guard let time else { return "—" }
        let text = time.rfc3339
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5)) UTC"
    }

    /// `10:42:45`.
    static func clock(_ time: Timestamp) -> String { String(time.rfc3339.dropFirst(11).prefix(8)) }
}

import ChaosModel
import ChaosVerdict
import JSON

/// Events and stages in the words of people.
package enum GameDayWords {
    /// The line of an event; `nil` for one that only the program needs.
    static func line(_ event: GameDayEvent, _ day: GameDay) -> String? {
        let draft = event.draft
        let text = draft.text ?? ""
        let who = draft.by ?? ""
        switch draft.kind {
        case .opened: return "the GameDay begins: \(day.plan.title)"
        case .resumed: return "the program was started again"
        case .systemStarted: return text
        case .checksBegun: return "go or no-go: the checks are read"
        case .checked: return checked(draft, day)
        case .checksEnded, .runBegun: return nil
        case .decided:
            return draft.data["go"]?.boolValue == true ? "go, says \(who)" : "no-go, says \(who)"
        case .predicted: return "\(who) expects: \(text)"
        case .observed: return "\(who) \(verb(draft)): \(text)"
        case .actionItem: return "to do (\(who)): \(text)"
        case .roundBegun: return "round \(number(draft)) begins: \(title(draft, day))"
        case .happened: return text
        case .stopAsked: return "STOP, says \(who)\(text.isEmpty ? "" : ": \(text)")"
        case .roundEnded: return ended(draft)
        case .paused: return "paused by \(who)\(text.isEmpty ? "" : ": \(text)")"
        case .continued: return "going on, says \(who)"
        case .wentOn: return nil
        case .repeated: return "round \(number(draft)) once more, says \(who)"
        case .skipped: return "round \(number(draft)) is skipped, says \(who)"
        case .abortAsked: return "the day is aborted by \(who)\(text.isEmpty ? "" : ": \(text)")"
        case .closed: return "the GameDay is over"
        }
    }

    private static func checked(_ draft: GameDayEvent.Draft, _ day: GameDay) -> String {
        let index = draft.data["check"]?.integerValue.flatMap { Int(exactly: $0) } ?? -1
        let name = day.checks.indices.contains(index) ? day.checks[index].name : "a check"
        let met = draft.data["met"]?.boolValue
        let mark = met.map { $0 ? "yes" : "NO" } ?? "not answered"
        let text = draft.text.map { $0.isEmpty ? "" : " (\($0))" } ?? ""
        return "\(mark): \(name)\(text)"
    }

    private static func verb(_ draft: GameDayEvent.Draft) -> String {
        switch draft.data["kind"]?.stringValue.flatMap(GameDay.Remark.Kind.init(rawValue:)) {
        case .seen: "sees it"
        case .surprise: "is surprised"
        case .note, nil: "notes"
        }
    }

    private static func ended(_ draft: GameDayEvent.Draft) -> String {
        let result = RoundResult(json: draft.data)
        return "round \(number(draft)) \(result.outcome.words): \(result.sentence)"
    }

    private static func number(_ draft: GameDayEvent.Draft) -> String {
        draft.round.map { "\($0 + 1)" } ?? "?"
    }

    private static func title(_ draft: GameDayEvent.Draft, _ day: GameDay) -> String {
        draft.round.flatMap {
            day.plan.rounds.indices.contains($0) ? day.plan.rounds[$0].title : nil
        }
            ?? ""
    }

    /// Where the day stands, in a few words.
    package static func stage(_ day: GameDay) -> String {
        let count = day.rounds.count
        switch day.stage {
        case .checking: return "Go or no-go: checks"
        case .deciding: return "Go or no-go?"
        case .briefing(let round): return "Before round \(round + 1) of \(count)"
        case .running(let round): return "Round \(round + 1) of \(count)"
        case .debriefing(let round): return "After round \(round + 1) of \(count)"
        case .ending: return "Closing"
        case .closed(.completed): return "Completed"
        case .closed(.aborted): return "Aborted"
        case .closed(.noGo): return "No-go"
        }
    }

    /// What people can do now, in the words of the page's buttons.
    static func pageHint(_ day: GameDay) -> String {
        if day.pause != nil { return "Paused. Notes can be written meanwhile." }
        switch day.stage {
        case .checking: return "Answer the open questions."
        case .deciding: return "Go begins the first briefing, no-go ends the day."
        case .briefing: return "Write what you expect to happen; then go, or skip the round."
        case .running(let round):
            return day.plan.rounds[round].isManual
                ? "Carry it out and say how it went; say when you notice something."
                : "Say when you notice something; STOP reverts every fault."
        case .debriefing: return "What was seen, what surprised, what is to be done? Then go on."
        case .ending, .closed: return "The closing document is written."
        }
    }

    /// What people can do now, as one sentence: the words that are typed.
    package static func hint(_ day: GameDay) -> String {
        if day.pause != nil { return "Paused. 'go' goes on; notes can be written meanwhile." }
        switch day.stage {
        case .checking: return question(day)
        case .deciding: return "'go' begins the first briefing, 'no-go' ends the day."
        case .briefing: return "'predict TEXT' what will happen, then 'go'; or 'skip'."
        case .running(let round):
            return day.plan.rounds[round].isManual
                ? "Carry it out, then 'done' or 'failed TEXT'; 'seen TEXT' when you notice."
                : "'seen TEXT' when you notice something; 'stop' reverts every fault."
        case .debriefing: return "'note', 'surprise', 'action TEXT'; then 'go' or 'repeat'."
        case .ending, .closed: return "The closing document is written."
        }
    }

    /// The first question that nobody has answered; the command stands first, where it is not cut.
    private static func question(_ day: GameDay) -> String {
        let open = zip(1..., day.checks).first { $0.1.question != nil && !$0.1.isAnswered }
        guard let (number, check) = open else { return "The checks are read." }
        return "'yes \(number)' or 'no \(number)': \(check.question ?? check.name)"
    }

    /// `2.4 s`, or a dash.
    static func seconds(_ value: Double?) -> String {
        value.map { NumberText.seconds($0) } ?? "—"
    }
}

import ChaosModel
import JSON

// What people may do when, and what follows by itself.
extension GameDay {
    /// The events that a command means now.
    ///
    /// Throws a `Refusal` that says what can be done instead; nothing has then changed.
    package func events(
        for command: GameDayCommand,
        by name: String
    ) throws(Refusal) -> [GameDayEvent.Draft] {
        let by = Self.name(name)
        if isClosed { throw Refusal("the day is over. Read its closing document.") }
        switch command {
        case .remark(let kind, let text):
            try room()
            let data: JSONObject = ["kind": .string(kind.rawValue)]
            return [.init(.observed, round: stage.round, by: by, text: text, data: data)]
        case .action(let text):
            try room()
            return [.init(.actionItem, round: stage.round, by: by, text: text)]
        case .predict(let text): return [try prediction(text, by)]
        case .answer(let index, let yes): return try answer(index, yes, by)
        case .recheck:
            guard stage == .deciding else {
                throw Refusal("the checks can be read again only before 'go'.")
            }
            return [.init(.checksBegun, by: by)]
        case .pause(let why):
            if pause != nil { throw Refusal("it is paused already. 'go' goes on.") }
            if case .ending = stage { throw Refusal("the day is ending.") }
            return [.init(.paused, round: stage.round, by: by, text: why)]
        case .go: return try goOn(by)
        case .noGo:
            guard stage == .deciding || stage == .checking else {
                throw Refusal("the day has begun. End it with 'abort'.")
            }
            return [.init(.decided, by: by, data: ["go": false])]
        case .stop(let why): return try stop(why, by)
        case .abort(let why):
            if case .ending = stage { throw Refusal("the day is ending already.") }
            if abort != nil {
                throw Refusal("the day is ending already; the round is undone first.")
            }
            return [.init(.abortAsked, round: stage.round, by: by, text: why)]
        case .skip, .again, .done: return try onRound(command, by)
        }
    }

    private static func name(_ name: String) -> String {
        let short = String(name.trimmed.prefix(nameMaximum))
        return short.isEmpty ? "somebody" : short
    }

    private func room() throws(Refusal) {
        guard remarks.count + actions.count < Self.remarksMaximum else {
            throw Refusal("\(Self.remarksMaximum) remarks are written down; no more are taken.")
        }
    }

    private func prediction(_ text: String, _ by: String) throws(Refusal) -> GameDayEvent.Draft {
        guard case .briefing(let round) = stage else {
            throw Refusal("predictions are made before a round. Use 'note TEXT' now.")
        }
        guard rounds[round].predictions.count < Self.remarksMaximum else {
            throw Refusal("there are \(Self.remarksMaximum) predictions; no more are taken.")
        }
        return .init(.predicted, round: round, by: by, text: text)
    }

    private func answer(
        _ index: Int,
        _ yes: Bool,
        _ by: String
    ) throws(Refusal) -> [GameDayEvent.Draft] {
        guard stage == .checking || stage == .deciding else {
            throw Refusal("the checks are over.")
        }
        guard checks.indices.contains(index), checks[index].question != nil else {
            throw Refusal("check \(index + 1) is no question. The questions have numbers.")
        }
        let data: JSONObject = ["check": .integer(Int64(index)), "met": .bool(yes)]
        let drafts: [GameDayEvent.Draft] = [.init(.checked, by: by, data: data)]
        let isLast = checks.indices.allSatisfy { $0 == index || checks[$0].isAnswered }
        return stage == .checking && isLast ? drafts + [.init(.checksEnded)] : drafts
    }

    private func goOn(_ by: String) throws(Refusal) -> [GameDayEvent.Draft] {
        if pause != nil { return [.init(.continued, round: stage.round, by: by)] }
        switch stage {
        case .checking:
            throw Refusal("the checks are not answered yet. Wait for them, or answer: 'yes 2'.")
        case .deciding: return [.init(.decided, by: by, data: ["go": true])]
        case .briefing(let round):
            guard rounds[round].attempts.count < Self.attemptsMaximum else {
                throw Refusal("this round was tried \(Self.attemptsMaximum) times. Use 'skip'.")
            }
            return [.init(.roundBegun, round: round, by: by)]
        case .running(let round):
            throw Refusal(
                plan.rounds[round].isManual
                    ? "say 'done' or 'failed TEXT' when the step is carried out."
                    : "the round goes on by itself. 'stop' ends it."
            )
        case .debriefing(let round): return [.init(.wentOn, round: round, by: by)]
        case .ending, .closed: throw Refusal("the day is ending.")
        }
    }

    /// A stop also pauses: nothing begins until somebody says so.
    private func stop(_ why: String, _ by: String) throws(Refusal) -> [GameDayEvent.Draft] {
        guard case .running(let round) = stage else {
            throw Refusal("no round runs, so nothing is in effect. 'pause' or 'abort'?")
        }
        if isStopAsked { throw Refusal("it is stopping: every fault is being reverted.") }
        var drafts: [GameDayEvent.Draft] = [.init(.stopAsked, round: round, by: by, text: why)]
        if pause == nil {
            drafts.append(.init(.paused, round: round, by: by, text: "the round was stopped"))
        }
        guard plan.rounds[round].isManual else { return drafts }
        let result = RoundResult(.stopped, "It was stopped by \(by).")
        return drafts + [.init(.roundEnded, round: round, data: result.json)]
    }

    private func onRound(
        _ command: GameDayCommand,
        _ by: String
    ) throws(Refusal) -> [GameDayEvent.Draft] {
        switch (command, stage) {
        case (.skip, .briefing(let round)): return [.init(.skipped, round: round, by: by)]
        case (.skip, .running): throw Refusal("this round runs. 'stop' ends it.")
        case (.skip, _): throw Refusal("only a round that has not begun can be skipped.")
        case (.again, .debriefing(let round)): return [.init(.repeated, round: round, by: by)]
        case (.again, _): throw Refusal("only a round that has ended can be repeated.")
        case (.done(let isDone, let text), .running(let round)) where plan.rounds[round].isManual:
            let sentence = text.isEmpty ? (isDone ? "Carried out." : "It did not succeed.") : text
            let result = RoundResult(isDone ? .done : .deviated, "\(sentence)")
            return [.init(.roundEnded, round: round, by: by, data: result.json)]
        default: throw Refusal("'done' and 'failed' are for a manual step that is under way.")
        }
    }

    /// What nobody needs to ask for: an abort rule that applies to the round that just ended.
    package var consequence: (command: GameDayCommand, by: String)? {
        guard case .debriefing(let round) = stage, abort == nil,
            let outcome = rounds[round].outcome, let rule = plan.rule(after: outcome)
        else { return nil }
        return (.abort("round \(round + 1) \(outcome.words): \(rule.name)"), "abort rule")
    }

    /// What a rehearsal does where people would speak; `nil` while something is under way.
    package var rehearsal: [GameDayEvent.Draft]? {
        let by = "rehearsal"
        guard pause == nil else { return nil }
        switch stage {
        case .checking:
            let open = checks.indices.filter {
                checks[$0].question != nil && !checks[$0].isAnswered
            }
            guard !open.isEmpty, errand == .wait else { return nil }
            return open.map { index in
                let data: JSONObject = ["check": .integer(Int64(index))]
                return .init(.checked, by: by, text: "nobody is asked in a rehearsal", data: data)
            } + [.init(.checksEnded)]
        case .deciding:
            let isGo = !checks.contains { $0.question == nil && $0.met != true }
            return [.init(.decided, by: by, data: ["go": .bool(isGo)])]
        case .running(let round) where plan.rounds[round].isManual:
            let result = RoundResult(.notDone, "Nobody carries it out in a rehearsal.")
            return [.init(.roundEnded, round: round, by: by, data: result.json)]
        case .briefing(let round): return [.init(.roundBegun, round: round, by: by)]
        case .debriefing(let round):
            let attempts = rounds[round].attempts.count
            let isCut = rounds[round].outcome == .interrupted && attempts < Self.rehearsalAttempts
            return [.init(isCut ? .repeated : .wentOn, round: round, by: by)]
        case .running, .ending, .closed: return nil
        }
    }

    /// How often a rehearsal tries a round that was cut off.
    private static let rehearsalAttempts = 3
}

import ChaosModel
import JSON

// What each event changes. Total: an event that does not fit the stage changes nothing but the log.
extension GameDay {
    /// Takes the next event of the journal.
    package mutating func take(_ event: GameDayEvent) {
        sequence = event.sequence
        let draft = event.draft
        switch draft.kind {
        case .opened: openedAt = event.at
        case .resumed: interruptions += 1
        case .systemStarted: ownsSystem = draft.data["ours"]?.boolValue ?? false
        case .checksBegun: beginChecks()
        case .checked: answer(draft)
        case .checksEnded:
            checkEvidence = draft.data["evidence"]?.stringValue ?? checkEvidence
            if stage == .checking { stage = .deciding }
        case .decided: decide(draft)
        case .predicted, .observed, .actionItem: say(event)
        case .roundBegun, .runBegun, .stopAsked, .roundEnded: run(event)
        case .happened: break
        case .paused:
            pause = Pause(by: draft.by ?? "", why: draft.text ?? "", at: event.at)
        case .continued: pause = nil
        case .wentOn, .repeated, .skipped: move(draft)
        case .abortAsked: end(event)
        case .closed: close(event)
        }
        note(event)
    }

    private mutating func beginChecks() {
        guard stage == .checking || stage == .deciding else { return }
        stage = .checking
        for index in checks.indices where checks[index].question == nil {
            checks[index].isAnswered = false
            checks[index].met = nil
        }
    }

    private mutating func answer(_ draft: GameDayEvent.Draft) {
        guard let index = draft.data["check"]?.integerValue.flatMap({ Int(exactly: $0) }),
            checks.indices.contains(index)
        else { return }
        checks[index].isAnswered = true
        checks[index].met = draft.data["met"]?.boolValue
        checks[index].text = draft.text ?? ""
        checks[index].by = draft.by
    }

    private mutating func decide(_ draft: GameDayEvent.Draft) {
        guard stage == .deciding || stage == .checking else { return }
        decidedBy = draft.by
        stage = draft.data["go"]?.boolValue == true ? .briefing(0) : .ending(.noGo)
    }

    private mutating func say(_ event: GameDayEvent) {
        let draft = event.draft
        let kind = draft.data["kind"]?.stringValue.flatMap(Remark.Kind.init(rawValue:)) ?? .note
        let remark = Remark(
            at: event.at,
            by: draft.by ?? "",
            text: draft.text ?? "",
            kind: kind,
            round: draft.round
        )
        guard remarks.count + actions.count < Self.remarksMaximum else { return }
        switch draft.kind {
        case .predicted:
            if let round = draft.round, rounds.indices.contains(round) {
                rounds[round].predictions.append(remark)
            }
        case .actionItem: actions.append(remark)
        default: remarks.append(remark)
        }
    }

    private mutating func run(_ event: GameDayEvent) {
        let draft = event.draft
        guard let round = draft.round, rounds.indices.contains(round) else { return }
        switch draft.kind {
        case .roundBegun:
            guard stage == .briefing(round) else { return }
            rounds[round].attempts.append(Attempt(begunAt: event.at))
            isStopAsked = false
            stage = .running(round)
        case .runBegun:
            guard let last = rounds[round].attempts.indices.last else { return }
            if let pid = draft.data["pid"]?.integerValue.flatMap({ Int32(exactly: $0) }) {
                let started = draft.data["started"]?.integerValue ?? 0
                rounds[round].attempts[last].process = (pid, UInt64(clamping: started))
            }
            if let directory = draft.data["directory"]?.stringValue {
                rounds[round].attempts[last].directory = directory
            }
        case .stopAsked:
            guard stage == .running(round), let last = rounds[round].attempts.indices.last
            else { return }
            isStopAsked = true
            rounds[round].attempts[last].stoppedBy = draft.by
        default: endRound(round, event)
        }
    }

    private mutating func endRound(_ round: Int, _ event: GameDayEvent) {
        guard stage == .running(round), let last = rounds[round].attempts.indices.last
        else { return }
        rounds[round].attempts[last].endedAt = event.at
        rounds[round].attempts[last].result = RoundResult(json: event.draft.data)
        isStopAsked = false
        stage = abort == nil ? .debriefing(round) : .ending(.aborted)
    }

    private mutating func move(_ draft: GameDayEvent.Draft) {
        switch (draft.kind, stage) {
        case (.wentOn, .debriefing(let round)): advance(from: round)
        case (.repeated, .debriefing(let round)): stage = .briefing(round)
        case (.skipped, .briefing(let round)):
            if rounds[round].attempts.isEmpty { rounds[round].skippedBy = draft.by ?? "" }
            advance(from: round)
        default: break
        }
    }

    private mutating func advance(from round: Int) {
        stage = round + 1 < rounds.count ? .briefing(round + 1) : .ending(.completed)
    }

    private mutating func end(_ event: GameDayEvent) {
        guard !isClosed, abort == nil else { return }
        abort = Remark(at: event.at, by: event.draft.by ?? "", text: event.draft.text ?? "")
        pause = nil
        guard case .running(let round) = stage, !plan.rounds[round].isManual else {
            if case .running(let round) = stage, let last = rounds[round].attempts.indices.last {
                rounds[round].attempts[last].endedAt = event.at
                rounds[round].attempts[last].result = RoundResult(.stopped, "The day was aborted.")
            }
            stage = .ending(.aborted)
            return
        }
        // The run is undone first; its end is the day's.
        isStopAsked = true
        if let last = rounds[round].attempts.indices.last {
            rounds[round].attempts[last].stoppedBy = event.draft.by
        }
    }

    private mutating func close(_ event: GameDayEvent) {
        let ending = event.draft.data["ending"]?.stringValue.flatMap(Ending.init(rawValue:))
        if case .ending(let due) = stage { stage = .closed(ending ?? due) }
        closedAt = event.at
    }

    private mutating func note(_ event: GameDayEvent) {
        guard let text = GameDayWords.line(event, self) else { return }
        log.append(
            LogLine(
                sequence: event.sequence,
                at: event.at,
                kind: event.kind.rawValue,
                text: text,
                by: event.draft.by,
                round: event.draft.round
            )
        )
        if log.count > Self.logMaximum { log.removeFirst(log.count - Self.logMaximum) }
    }
}

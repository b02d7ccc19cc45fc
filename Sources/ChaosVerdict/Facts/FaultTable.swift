internal import ChaosJournal
internal import ChaosModel
internal import JSON

/// Makes the table of faults from their transitions and firings.
enum FaultTable {
    private typealias Life = [RunFacts.Timed<FaultTransition>]

    static func rows(_ facts: RunFacts) -> [FaultRow] {
        var order: [String] = []
        var lives: [String: Life] = [:]
        for transition in facts.transitions {
            if lives[transition.value.faultID] == nil { order.append(transition.value.faultID) }
            lives[transition.value.faultID, default: []].append(transition)
        }
        var firings: [String: [FaultFiring]] = [:]
        for firing in facts.firings { firings[firing.faultID, default: []].append(firing) }
        return order.compactMap { id in
            lives[id].flatMap { row($0, firings: firings[id] ?? [], facts) }
        }
    }

    private static func row(
        _ life: Life,
        firings: [FaultFiring],
        _ facts: RunFacts
    ) -> FaultRow? {
        guard let first = life.first?.value else { return nil }
        let told = life.last { $0.value.hits != nil }?.value
        let minimum = life.compactMap(\.value.hitsMinimum).last ?? 1
        let times = firings.map(\.firedAt)
        return FaultRow(
            faultID: first.faultID,
            step: first.step,
            path: first.path,
            plugin: first.plugin,
            function: first.function,
            target: first.target,
            injectedAt: life.first { $0.value.state == .injected }?.elapsed,
            undoneAt: life.last { $0.value.state == .reverted }?.elapsed,
            hits: told?.hits ?? (firings.isEmpty ? nil : firings.count),
            hitsMinimum: minimum,
            unit: life.compactMap(\.value.unit).last ?? "",
            proof: proof(life, minimum: minimum, facts),
            undo: undo(life, facts),
            undoRecord: undoRecord(life),
            firings: firings.count,
            firstFiring: times.min(),
            lastFiring: times.max()
        )
    }

    private static func undoRecord(_ life: Life) -> JSONObject {
        let detail = life.first { $0.value.state == .prepared }?.value.detail ?? [:]
        return detail["undo"]?.objectValue ?? detail
    }

    private static func proof(_ life: Life, minimum: Int, _ facts: RunFacts) -> FaultRow.Proof {
        let last = life[life.count - 1].value
        let name = "\(last.function) on \(last.target)"
        if let failed = life.last(where: { $0.value.state == .failed })?.value {
            return .notInjected(reason: "\(name) failed: \(sentence(failed.error))")
        }
        guard let injected = life.first(where: { $0.value.state == .injected }) else {
            return .notInjected(reason: "\(name) was prepared but not injected.")
        }
        let hits = life.last { $0.value.hits != nil }?.value.hits
        let isConfirmed = life.contains { $0.value.state == .confirmed }
        if isConfirmed, (hits ?? minimum) >= minimum { return .proven }
        let end = life.first { $0.value.state == .reverting || $0.value.state == .reverted }
        let window = (end?.elapsed ?? facts.lastElapsed) - injected.elapsed
        return .unproven(reason: unproven(life, hits: hits, minimum: minimum, window: window))
    }

    /// Takes the plugin's own sentence where it gave one.
    private static func unproven(
        _ life: Life,
        hits: Int?,
        minimum: Int,
        window: Double
    ) -> String {
        let word = life.last { $0.value.state == .unconfirmed }?.value
        let told = word?.detail["reason"]?.stringValue ?? word?.detail["explanation"]?.stringValue
        if let told, !told.isEmpty { return sentence(told) }
        let fault = life[life.count - 1].value
        let name = "\(fault.function) on \(fault.target)"
        if let error = word?.error { return "\(name) could not be observed: \(sentence(error))" }
        guard let hits else { return "Nothing shows that \(name) had an effect." }
        let unit = life.compactMap(\.value.unit).last.map { $0.isEmpty ? "hits" : $0 } ?? "hits"
        let count = hits == 0 ? "no" : NumberText.integer(hits)
        let asked = "where at least \(NumberText.integer(minimum)) are asked for."
        if let chances = word?.detail["occurrences"]?.integerValue {
            let span = NumberText.seconds(window)
            guard chances > 0 else {
                return "Nothing that \(fault.function) could hit passed on \(fault.target) in "
                    + "\(span): \(count) \(unit), \(asked)"
            }
            let passed = NumberText.count(Int(chances), "chance")
            return "\(name) did too little in \(span): \(count) \(unit) at \(passed), \(asked)"
        }
        return "\(name) did too little in \(NumberText.seconds(window)): \(count) \(unit), "
            + asked
    }

    private static func undo(_ life: Life, _ facts: RunFacts) -> FaultRow.Undo {
        let last = life.last {
            $0.value.state == .reverted || $0.value.state == .revertFailed
        }?.value
        if let last {
            return last.state == .reverted ? .undone : .failed(reason: sentence(last.error))
        }
        let touched: [FaultTransition.State] = [.injected, .confirmed, .unconfirmed, .reverting]
        let mayHaveTouched = life.contains { touched.contains($0.value.state) }
        if facts.ended == nil {
            // `prepared` is written right before the injection: after a cut nobody knows.
            let isFailed = life[life.count - 1].value.state == .failed
            return isFailed && !mayHaveTouched ? .notNeeded : .unknown
        }
        return mayHaveTouched ? .missing : .notNeeded
    }

    private static func sentence(_ text: String?) -> String {
        let text = text ?? "no reason was given"
        return text.hasSuffix(".") ? text : text + "."
    }
}

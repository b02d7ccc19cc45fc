internal import ChaosModel

extension String {
    /// The text without its closing period.
    var trimmingPeriod: String {
        hasSuffix(".") ? String(dropLast()) : self
    }

    /// The text with a closing period.
    var sentence: String {
        hasSuffix(".") || hasSuffix("!") || hasSuffix("?") ? self : self + "."
    }
}

extension ProbePhase {
    /// When the phase is, as the end of a sentence.
    var wording: String {
        switch self {
        case .before: "before the method"
        case .during: "while the fault was in effect"
        case .after: "after the undo"
        case .settled: "after the system had settled"
        }
    }
}

/// Says the verdict in one sentence.
enum VerdictSentence {
    static func text(
        _ outcome: Verdict.Outcome,
        _ reasons: [Reason],
        _ verdict: (title: String, faults: [FaultRow], recovery: Recovery?)
    ) -> String {
        if let first = reasons.first(where: { $0.kind == .undoIncomplete }) { return first.text }
        let wanted: Reason.Effect = outcome == .deviated ? .deviates : .blocks
        let effects = verdict.faults.filter { ($0.hits ?? 0) > 0 }.map(\.effect)
        if outcome != .held {
            guard let first = reasons.first(where: { $0.effect == wanted }) else {
                return "Nothing was judged."
            }
            guard outcome == .deviated, let effect = effects.first else { return first.text }
            return "\(first.text.trimmingPeriod), with \(effect)."
        }
        var text = "“\(verdict.title.trimmingPeriod)” held"
        if !effects.isEmpty { text += " with \(list(effects))" }
        if let measured = verdict.recovery?.measured, verdict.recovery?.limit != nil {
            text += "; the steady state was back within \(NumberText.seconds(measured)) of the undo"
        }
        return text + "."
    }

    /// `a`, `a and b`, `a, b and 3 more`.
    private static func list(_ parts: [String]) -> String {
        switch parts.count {
        case 0: ""
        case 1: parts[0]
        case 2: "\(parts[0]) and \(parts[1])"
        default: "\(parts[0]), \(parts[1]) and \(parts.count - 2) more"
        }
    }
}

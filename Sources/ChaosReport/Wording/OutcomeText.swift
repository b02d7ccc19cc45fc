internal import ChaosModel
internal import ChaosVerdict

extension Verdict.Outcome {
    /// A sign that needs no colour.
    var symbol: String {
        switch self {
        case .held: "✓"
        case .deviated: "✕"
        case .inconclusive: "?"
        }
    }

    var word: String {
        switch self {
        case .held: "Held"
        case .deviated: "Deviated"
        case .inconclusive: "Inconclusive"
        }
    }
}

extension Verdict {
    /// What the report says first: the outcome, or that something is still broken by us.
    var headline: (symbol: String, word: String) {
        exitStatus == 4 ? ("!", "Undo incomplete") : (outcome.symbol, outcome.word)
    }
}

extension HypothesisStrategy {
    /// Which phases decide, as a sentence.
    var explanation: String {
        switch self {
        case .standard: "Judged before and after the method."
        case .beforeMethodOnly: "Judged before the method only."
        case .afterMethodOnly: "Judged after the method only."
        case .duringMethodOnly: "Judged during the method only."
        case .continuously: "Judged before, during and after the method."
        case .skip: "Not judged."
        case .onFault: "Judged before, while a fault is in effect, and after."
        }
    }
}

/// `✓`, `✕` or `?` for what was met, was not, or could not be judged.
enum Mark {
    static func symbol(_ met: Bool?) -> String {
        switch met {
        case true?: "✓"
        case false?: "✕"
        case nil: "?"
        }
    }

    static func style(_ met: Bool?) -> String {
        switch met {
        case true?: "held"
        case false?: "deviated"
        case nil: "inconclusive"
        }
    }
}

/// Points of the run's own time.
enum RunTime {
    /// The time as an element, with the seconds as its value.
    static func write(_ elapsed: Double, into markup: inout Markup) {
        let seconds = Coordinate.thousandths(elapsed)
        markup.element("data", ["value": seconds], text: point(elapsed, places: 3))
    }

    /// `+12.345 s`, from a minute on `+1:02.345`.
    static func point(_ elapsed: Double, places: Int = 1) -> String {
        let sign = elapsed < 0 ? "−" : "+"
        let magnitude = elapsed.magnitude
        guard magnitude >= 60, magnitude < 1e9 else {
            return sign + NumberText.decimal(magnitude, places: places) + " s"
        }
        let minutes = Int(magnitude / 60)
        let rest = NumberText.decimal(magnitude - Double(minutes) * 60, places: places)
        let seconds = rest.prefix { $0 != "." }.count < 2 ? "0" + rest : rest
        return sign + "\(minutes):" + seconds
    }
}

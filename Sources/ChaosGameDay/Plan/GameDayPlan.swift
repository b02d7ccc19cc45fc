package import ChaosModel
import ChaosVerdict
package import JSON

/// What shall happen on a GameDay, as one file of `gamedays/` says it.
package struct GameDayPlan: Sendable {
    /// The file, as the user gave it.
    package var file: String
    package var title: String
    package var description: String
    /// `2026-12-04`; `nil` when it is not fixed yet.
    package var date: String?
    /// As in an experiment: `shop`, `shop-netns` or the path of a `system.json`.
    package var system: String?
    package var roles: [Role] = []
    package var systems: [SystemEntry] = []
    package var channels: [Channel] = []
    package var checks: [Check] = []
    package var rounds: [Round] = []
    package var rules: [AbortRule] = []
    /// The file as it was read.
    package var document: JSONValue

    /// Bounds of what a plan may hold.
    package static let roundsMaximum = 50
    package static let checksMaximum = 100

    /// Who does what.
    package struct Role: Sendable, Equatable {
        package var role: String
        package var person: String
        package var duty: String?
    }

    /// A system that takes part, and who knows it.
    package struct SystemEntry: Sendable, Equatable {
        package var name: String
        package var owner: String?
        package var link: String?
    }

    /// Where one talks.
    package struct Channel: Sendable, Equatable {
        package var channel: String
        package var purpose: String
    }

    /// Something that must be true before the first round.
    package struct Check: Sendable {
        package enum Kind: Sendable {
            /// A probe of a plugin, with the test that its value must pass.
            case probe(Step, JSONValue)
            /// A question that a person answers.
            case question(String)
        }

        package var name: String
        package var kind: Kind

        /// What is asked; `nil` for a probe.
        package var question: String? {
            if case .question(let text) = kind { text } else { nil }
        }
    }

    /// One round: an experiment, or something that people do by hand.
    package struct Round: Sendable {
        package enum Work: Sendable, Equatable {
            /// The path of an experiment, as the program opens it.
            case experiment(String)
            /// What to do, in words.
            case manual(String)
        }

        package var title: String
        package var work: Work
        package var hypothesis: String?
        /// What one expects to see, and where.
        package var signals: [String] = []
        package var runbook: String?
        package var timeBox: Duration
        package var seed: UInt64?

        /// Whether people do it.
        package var isManual: Bool {
            if case .manual = work { true } else { false }
        }
    }

    /// When the GameDay ends before its last round.
    package struct AbortRule: Sendable {
        package enum Trigger: Sendable {
            /// A round ends like that.
            case outcome(Set<RoundOutcome>)
            /// A probe that is watched while an experiment runs; the condition of the experiment.
            case probe(AbortCondition, JSONValue)
        }

        package var name: String
        package var trigger: Trigger
    }

    package init(file: String, title: String, description: String, document: JSONValue) {
        self.file = file
        self.title = title
        self.description = description
        self.document = document
    }

    /// The rule that ends the GameDay after such a round.
    package func rule(after outcome: RoundOutcome) -> AbortRule? {
        rules.first { rule in
            if case .outcome(let outcomes) = rule.trigger {
                outcomes.contains(outcome)
            } else {
                false
            }
        }
    }

    /// The folder of a round's runs: `02-the-processor-is-slow`.
    package func folder(of round: Int) -> String {
        let number = round + 1 < 10 ? "0\(round + 1)" : "\(round + 1)"
        var slug = ""
        for character in rounds[round].title.lowercased() {
            let isPlain = character.isASCII && (character.isLetter || character.isNumber)
            if isPlain {
                slug.append(character)
            } else if !slug.isEmpty, !slug.hasSuffix("-") {
                slug.append("-")
            }
        }
        slug = String(slug.prefix(Self.slugMaximum))
        while slug.hasSuffix("-") { slug.removeLast() }
        return slug.isEmpty ? number : "\(number)-\(slug)"
    }

    private static let slugMaximum = 48
}

/// How a round ended.
package enum RoundOutcome: String, Sendable, CaseIterable {
    case held, deviated, inconclusive
    /// An abort condition of the experiment stopped it.
    case aborted
    /// Somebody pressed stop.
    case stopped
    /// Its process, or ours, was killed.
    case interrupted
    case undoIncomplete = "undo-incomplete"
    /// It could not be run at all.
    case failed
    /// A manual step that people called done.
    case done
    /// A manual step that nobody carried out: a rehearsal.
    case notDone = "not-done"
    case skipped

    /// From the exit status of `chaos run`.
    package init(exitStatus: Int32) {
        self = Self(rawValue: RunEnding(exitStatus: exitStatus).rawValue) ?? .failed
    }

    /// Whether it is good news.
    package var isGood: Bool { self == .held || self == .done }

    /// In words, for headings and tables.
    package var words: String {
        switch self {
        case .undoIncomplete: "undo incomplete"
        case .notDone: "not carried out"
        default: rawValue
        }
    }

    /// The class of the style sheet: `held`, `deviated` or `inconclusive`.
    package var tone: String {
        switch self {
        case .held, .done: "held"
        case .deviated, .undoIncomplete, .failed, .aborted: "deviated"
        case .inconclusive, .stopped, .interrupted, .notDone, .skipped: "inconclusive"
        }
    }

    /// A sign beside the colour.
    package var sign: String {
        switch self {
        case .held, .done: "✓"
        case .deviated, .undoIncomplete, .failed, .aborted: "✗"
        case .inconclusive, .stopped, .interrupted, .notDone, .skipped: "○"
        }
    }
}

import ChaosModel

/// What a person may ask for, in the terminal or on the page.
package enum GameDayCommand: Sendable, Equatable {
    /// On: to the first briefing, into the round, to the next round, out of a pause.
    case go
    case noGo
    /// The answer to a question of the checks, by its place from 0.
    case answer(Int, Bool)
    /// The checks are read again.
    case recheck
    case skip
    case again
    case pause(String)
    /// Ends the round that runs; every fault is reverted at once.
    case stop(String)
    /// Ends the day; a round that runs is stopped first.
    case abort(String)
    case remark(GameDay.Remark.Kind, String)
    case predict(String)
    case action(String)
    /// A manual step is done, or did not succeed.
    case done(Bool, String)

    /// The words that may be typed, with what they do.
    package static let words: [(word: String, summary: String)] = [
        ("go", "go on: begin the round, go to the next one, end a pause"),
        ("no-go", "end the day before its first round"),
        ("yes N", "answer question N of the checks"),
        ("no N", "answer question N of the checks"),
        ("recheck", "read the checks again"),
        ("predict TEXT", "what will happen in this round?"),
        ("seen TEXT", "I notice it: this moment is the time to detect"),
        ("note TEXT", "an observation"),
        ("surprise TEXT", "an observation that nobody expected"),
        ("action TEXT", "something to do after the day"),
        ("done", "the manual step is carried out"),
        ("failed TEXT", "the manual step did not succeed"),
        ("stop", "end this round now; every fault is reverted"),
        ("repeat", "this round once more"),
        ("skip", "leave this round out"),
        ("pause", "nothing goes on until 'go'"),
        ("abort TEXT", "end the day; every fault is reverted"),
        ("status", "where the day stands"),
        ("help", "these words"),
    ]

    /// Reads a typed line.
    ///
    /// Throws a `Refusal` that says what was meant.
    package init(typed line: String) throws(Refusal) {
        let trimmed = line.trimmed
        let word = String(trimmed.prefix { !$0.isWhitespace }).lowercased()
        let rest = String(trimmed.dropFirst(word.count)).trimmed
        try self.init(word: word, text: rest)
    }

    /// Reads a word and its text, as the page sends them.
    package init(word: String, text: String) throws(Refusal) {
        let text = text.trimmed
        guard text.count <= GameDay.textMaximum else {
            throw Refusal(
                "\(text.count) characters are too long. Use at most \(GameDay.textMaximum)."
            )
        }
        switch word {
        case "go", "g": self = .go
        case "no-go", "nogo": self = .noGo
        case "yes", "no": self = .answer(try Self.place(text), word == "yes")
        case "recheck": self = .recheck
        case "skip": self = .skip
        case "repeat", "again": self = .again
        case "pause", "p": self = .pause(text)
        case "stop", "s": self = .stop(text)
        case "abort": self = .abort(text)
        case "note", "n": self = .remark(.note, try Self.words(text, word))
        case "seen": self = .remark(.seen, text.isEmpty ? "noticed" : text)
        case "surprise": self = .remark(.surprise, try Self.words(text, word))
        case "predict": self = .predict(try Self.words(text, word))
        case "action", "todo": self = .action(try Self.words(text, word))
        case "done": self = .done(true, text)
        case "failed": self = .done(false, text)
        default:
            let known = Self.words.map { String($0.word.prefix { $0 != " " }) }
            throw Refusal(
                "'\(word.prefix(40))' is no command. "
                    + Spelling.advice(for: word, among: known, kind: "commands")
            )
        }
    }

    private static func place(_ text: String) throws(Refusal) -> Int {
        guard let number = Int(text), number >= 1 else {
            throw Refusal("which question? Give its number: 'yes 1'.")
        }
        return number - 1
    }

    private static func words(_ text: String, _ word: String) throws(Refusal) -> String {
        guard !text.isEmpty else { throw Refusal("there is nothing to write. Use '\(word) TEXT'.") }
        return text
    }
}

/// Why a command cannot be followed now, and what can be done instead.
package struct Refusal: Error, Sendable, Equatable, CustomStringConvertible {
    package var description: String

    init(_ description: String) {
        self.description = description
    }
}

extension String {
    /// Without white space at both ends and without control characters inside.
    package var trimmed: String {
        let clean = String(
            String.UnicodeScalarView(
                unicodeScalars.map {
                    $0.properties.generalCategory == .control ? " " : $0
                }
            )
        )
        let start = clean.drop { $0.isWhitespace }
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...last])
    }
}

/// What may stand where the cursor is; a pure function of the command tree.
package struct Completion: Sendable, Equatable {
    /// A word that may stand here, and what it does.
    package struct Candidate: Sendable, Equatable {
        package var word: String
        package var summary: String
    }

    package var candidates: [Candidate] = []
    /// Whether a path may stand here.
    package var takesFiles = false

    /// Completes the last of the words after the program's name; it may be empty.
    package init(_ root: Command, words: [String]) {
        guard let current = words.last else { return }
        var command = root
        var rest = words.dropLast()
        while let word = rest.first,
            let next = command.subcommands.first(where: { $0.name == word })
        {
            command = next
            rest = rest.dropFirst()
        }
        if let option = rest.last.flatMap({ Self.option($0, of: command) }), option.value != nil {
            offer(option, current, after: "")
        } else if let sign = current.firstIndex(of: "="), current.hasPrefix("--"),
            let option = Self.option(String(current[..<sign]), of: command)
        {
            let typed = String(current[current.index(after: sign)...])
            offer(option, typed, after: String(current[...sign]))
        } else if current.hasPrefix("-") {
            offerOptions(of: command, current, given: rest)
        } else {
            offerCommands(of: command, current)
            takesFiles = !command.arguments.isEmpty
        }
    }

    private static func option(_ word: String, of command: Command) -> Option? {
        command.options.first { option in
            word == "--\(option.name)" || option.short.map { word == "-\($0)" } ?? false
        }
    }

    private mutating func offer(_ option: Option, _ typed: String, after prefix: String) {
        candidates = option.choices.filter { $0.hasPrefix(typed) }
            .map { Candidate(word: prefix + $0, summary: "") }
        takesFiles = option.choices.isEmpty && ["FILE", "DIR", "PATH"].contains(option.value)
    }

    private mutating func offerOptions(
        of command: Command,
        _ typed: String,
        given: ArraySlice<String>
    ) {
        let help = Option("help", "Show this screen.")
        candidates = (command.options + [help])
            .filter { "--\($0.name)".hasPrefix(typed) }
            .filter { $0.isRepeatable || !given.contains("--\($0.name)") }
            .map { Candidate(word: "--\($0.name)", summary: $0.summary) }
    }

    private mutating func offerCommands(of command: Command, _ typed: String) {
        candidates = command.subcommands.filter { !$0.isHidden && $0.name.hasPrefix(typed) }
            .map { Candidate(word: $0.name, summary: $0.summary) }
    }

    /// Lines for a shell: a word, a tab, its summary; then `:files` when a path may stand here.
    package var lines: String {
        candidates.map { "\($0.word)\t\($0.summary)\n" }.joined() + (takesFiles ? ":files\n" : "")
    }
}

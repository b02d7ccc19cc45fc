/// Turns words into an invocation of one command of a tree; pure.
package struct CommandParser: Sendable {
    /// What a command line asks for.
    package enum Outcome: Sendable {
        case run(Invocation)
        /// `--help`, `help`, or a group named without a verb: the screen of that command.
        case help(path: [String], command: Command)
    }

    private let root: Command

    package init(_ root: Command) {
        self.root = root
    }

    /// Parses the words after the program's name.
    ///
    /// Throws `UsageError` for an unknown or missing word.
    package func parse(_ words: [String]) throws(UsageError) -> Outcome {
        var command = root
        var path = [root.name]
        var rest = words[...]
        if rest.first == "help" {
            rest = rest.dropFirst()
            rest.append("--help")
        }
        while !command.subcommands.isEmpty, let word = rest.first, !word.hasPrefix("-") {
            guard let next = command.subcommands.first(where: { $0.name == word }) else {
                // A verb that takes arguments beside its own verbs: 'chaos gameday PLAN'.
                if !command.arguments.isEmpty { break }
                throw unknownCommand(word, of: command, path: path)
            }
            command = next
            path.append(word)
            rest = rest.dropFirst()
        }
        if rest.prefix(while: { $0 != "--" }).contains(where: { $0 == "--help" || $0 == "-h" }) {
            return .help(path: path, command: command)
        }
        guard command.action != nil else {
            if let word = rest.first {
                throw UsageError(path: path, message: "unknown option '\(word)'.")
            }
            return .help(path: path, command: command)
        }
        return .run(try invocation(of: command, path: path, words: rest))
    }

    private func invocation(
        of command: Command,
        path: [String],
        words: ArraySlice<String>
    ) throws(UsageError) -> Invocation {
        var arguments: [String] = []
        var options: [String: [String]] = [:]
        var rest = words
        var optionsEnded = false
        while let word = rest.popFirst() {
            if optionsEnded || word == "-" || !word.hasPrefix("-") {
                arguments.append(word)
            } else if word == "--" {
                optionsEnded = true
            } else {
                let (option, attached) = try option(named: word, of: command, path: path)
                let value = try value(of: option, attached, &rest, path: path)
                if options[option.name] != nil, option.value != nil, !option.isRepeatable {
                    throw UsageError(path: path, message: "--\(option.name) was given twice.")
                }
                options[option.name, default: []].append(value)
            }
        }
        try check(arguments, against: command, path: path)
        return Invocation(path: path, command: command, arguments: arguments, options: options)
    }

    private func option(
        named word: String,
        of command: Command,
        path: [String]
    ) throws(UsageError) -> (Option, attached: String?) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0].drop { $0 == "-" })
        let attached = parts.count == 2 ? String(parts[1]) : nil
        let found = command.options.first { option in
            word.hasPrefix("--")
                ? option.name == name : option.short.map { String($0) == name } ?? false
        }
        guard let found else {
            let known = command.options.map { "--" + $0.name } + ["--help"]
            let guess = Spelling.nearest(to: String(parts[0]), in: known)
            throw UsageError(
                path: path,
                message: "unknown option '\(parts[0])'."
                    + (guess.map { " Did you mean '\($0)'?" } ?? "")
            )
        }
        return (found, attached)
    }

    private func value(
        of option: Option,
        _ attached: String?,
        _ rest: inout ArraySlice<String>,
        path: [String]
    ) throws(UsageError) -> String {
        guard let valueName = option.value else {
            if let attached {
                throw UsageError(
                    path: path,
                    message: "--\(option.name) takes no value, but got '\(attached)'."
                )
            }
            return ""
        }
        guard let value = attached ?? rest.popFirst() else {
            throw UsageError(
                path: path,
                message: "--\(option.name) needs a value: --\(option.name) \(valueName)."
            )
        }
        if !option.choices.isEmpty, !option.choices.contains(value) {
            let guess = Spelling.nearest(to: value, in: option.choices)
            throw UsageError(
                path: path,
                message: "--\(option.name) does not know '\(value)'."
                    + (guess.map { " Did you mean '\($0)'?" } ?? "")
                    + " It takes: \(option.choices.joined(separator: ", "))."
            )
        }
        return value
    }

    private func check(
        _ arguments: [String],
        against command: Command,
        path: [String]
    ) throws(UsageError) {
        let required = command.arguments.filter { $0.arity == .one || $0.arity == .oneOrMore }
        if arguments.count < required.count {
            let missing = required[arguments.count]
            throw UsageError(
                path: path,
                message: "\(missing.name) is missing: \(missing.summary)"
            )
        }
        let isOpen = command.arguments.contains { $0.arity == .oneOrMore || $0.arity == .any }
        if !isOpen, arguments.count > command.arguments.count {
            throw UsageError(
                path: path,
                message: "'\(arguments[command.arguments.count])' is one word too many."
            )
        }
    }

    private func unknownCommand(
        _ word: String,
        of command: Command,
        path: [String]
    ) -> UsageError {
        let known = command.subcommands.filter { !$0.isHidden }.map(\.name)
        let guess = Spelling.nearest(to: word, in: known)
        return UsageError(
            path: path,
            message: "unknown command '\(word)'."
                + (guess.map { " Did you mean '\($0)'?" } ?? "")
        )
    }
}

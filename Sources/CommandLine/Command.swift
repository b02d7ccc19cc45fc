/// One verb of a program, or the program itself: what it takes, what it says of itself, what it
/// does.
package struct Command: Sendable {
    /// The word that is typed.
    package var name: String
    /// One line, no full stop, at most 72 characters.
    package var summary: String
    /// Paragraphs below the summary in the help screen; empty when the summary says it all.
    package var discussion: String
    package var arguments: [Argument]
    package var options: [Option]
    /// Command lines with what they do.
    package var examples: [Example]
    package var subcommands: [Command]
    /// Left out of the parent's help screen.
    package var isHidden: Bool
    /// What it does; `nil` for a command that only groups others.
    package var action: Action?

    /// Carries out an invocation and returns the exit status.
    package typealias Action = @Sendable (Invocation) throws -> Int32

    package init(
        _ name: String,
        summary: String,
        discussion: String = "",
        arguments: [Argument] = [],
        options: [Option] = [],
        examples: [Example] = [],
        subcommands: [Command] = [],
        isHidden: Bool = false,
        action: Action? = nil
    ) {
        self.name = name
        self.summary = summary
        self.discussion = discussion
        self.arguments = arguments
        self.options = options
        self.examples = examples
        self.subcommands = subcommands
        self.isHidden = isHidden
        self.action = action
    }
}

/// A positional argument.
package struct Argument: Sendable {
    /// How often it may stand.
    package enum Arity: Sendable { case one, optional, oneOrMore, any }
    /// Upper case, as in the usage line: `FILE`.
    package var name: String
    package var summary: String
    package var arity: Arity

    package init(_ name: String, _ summary: String, arity: Arity = .one) {
        self.name = name
        self.summary = summary
        self.arity = arity
    }
}

/// An option: a flag without a value, or a name with one.
package struct Option: Sendable {
    /// Without the dashes: `seed`.
    package var name: String
    /// A one-letter form, only for the common.
    package var short: Character?
    /// The word for its value in help (`N`, `FILE`); `nil` makes it a flag.
    package var value: String?
    package var summary: String
    /// Shown in help; the command applies it itself.
    package var defaultText: String?
    package var isRepeatable: Bool
    /// The words it accepts; empty: any.
    package var choices: [String]

    package init(
        _ name: String,
        short: Character? = nil,
        value: String? = nil,
        _ summary: String,
        defaultText: String? = nil,
        isRepeatable: Bool = false,
        choices: [String] = []
    ) {
        self.name = name
        self.short = short
        self.value = value
        self.summary = summary
        self.defaultText = defaultText
        self.isRepeatable = isRepeatable
        self.choices = choices
    }
}

/// A command line that works, and what it does.
package struct Example: Sendable {
    package var line: String
    package var summary: String

    package init(_ line: String, _ summary: String) {
        self.line = line
        self.summary = summary
    }
}

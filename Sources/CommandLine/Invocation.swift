/// A parsed command line: the command that was named and the words it was given.
package struct Invocation: Sendable {
    /// The words from the program to the command: `["chaos", "shop", "up"]`.
    package var path: [String]
    package var command: Command
    package var arguments: [String]
    /// Values by option name, in the order given; a flag has one empty value per mention.
    package var options: [String: [String]]

    package init(
        path: [String],
        command: Command,
        arguments: [String],
        options: [String: [String]]
    ) {
        self.path = path
        self.command = command
        self.arguments = arguments
        self.options = options
    }

    /// Whether a flag was given.
    package func has(_ option: String) -> Bool { options[option] != nil }

    /// The last value of an option; `nil` when it was not given.
    package func value(_ option: String) -> String? { options[option]?.last }

    /// Every value of a repeatable option, in order.
    package func values(_ option: String) -> [String] { options[option] ?? [] }

    /// The value of an option as a whole number in a range.
    ///
    /// Throws `UsageError` when the word is no number or leaves the range.
    package func integer(
        _ option: String,
        in range: ClosedRange<Int>
    ) throws(UsageError) -> Int? {
        guard let word = value(option) else { return nil }
        guard let number = Int(word), range.contains(number) else {
            throw UsageError(
                path: path,
                message: "--\(option) takes a whole number from \(range.lowerBound) to "
                    + "\(range.upperBound), not '\(word)'."
            )
        }
        return number
    }
}

/// A command line that cannot be understood: what is wrong and what to do; exit status 64.
package struct UsageError: Error, Equatable, CustomStringConvertible {
    /// The command that was being parsed.
    package var path: [String]
    package var message: String

    package init(path: [String], message: String) {
        self.path = path
        self.message = message
    }

    package var description: String {
        "\(path.joined(separator: " ")): \(message)\n"
            + "Run '\(path.joined(separator: " ")) --help' to see what it takes."
    }
}

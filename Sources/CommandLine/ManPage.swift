/// The manual page of a program, in man(7)'s macros; a pure function of the command tree.
package struct ManPage: Sendable {
    private let root: Command
    private let version: String

    package init(_ root: Command, version: String) {
        self.root = root
        self.version = version
    }

    /// The page, for section 1.
    package var text: String {
        let name = root.name
        var lines = [
            ".TH \(name.uppercased()) 1 \"\" \"\(name) \(version)\"", ".SH NAME",
            "\(name) \\- \(escaped(root.summary))", ".SH SYNOPSIS", ".B \(name)",
            "COMMAND [OPTION]...", ".SH DESCRIPTION",
        ]
        lines += paragraphs(root.discussion)
        lines.append(".SH COMMANDS")
        lines += section(of: root, path: [name])
        lines.append(".SH EXAMPLES")
        lines += examples(of: root)
        return lines.joined(separator: "\n") + "\n"
    }

    private func section(of command: Command, path: [String]) -> [String] {
        command.subcommands.filter { !$0.isHidden }.flatMap { child -> [String] in
            let words = path + [child.name]
            guard child.subcommands.isEmpty else { return section(of: child, path: words) }
            let arguments = child.arguments.map(\.name).joined(separator: " ")
            var lines = [
                ".SS \(escaped(words.joined(separator: " ")))\(arguments.isEmpty ? "" : " ")"
                    + "\(escaped(arguments))",
                "\(escaped(child.summary)).",
            ]
            lines += child.discussion.isEmpty ? [] : [".PP"] + paragraphs(child.discussion)
            for argument in child.arguments {
                lines += [".TP", ".I \(escaped(argument.name))", escaped(argument.summary)]
            }
            for option in child.options { lines += entry(of: option) }
            return lines + examples(of: child)
        }
    }

    private func entry(of option: Option) -> [String] {
        let short = option.short.map { "\\-\($0), " } ?? ""
        let value = option.value.map { " \\fI\(escaped($0))\\fR" } ?? ""
        var text = option.summary
        if !option.choices.isEmpty { text += " One of: \(option.choices.joined(separator: ", "))." }
        if let standard = option.defaultText { text += " Default: \(standard)." }
        return [
            ".TP", "\\fB\(short)\\-\\-\(escaped(option.name))\\fR\(value)", escaped(text),
        ]
    }

    private func examples(of command: Command) -> [String] {
        command.examples.flatMap { example in
            [".PP", escaped(example.summary), ".PP", ".EX", "  \(escaped(example.line))", ".EE"]
        }
    }

    private func paragraphs(_ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.isEmpty ? ".PP" : escaped(String(line))
        }
    }

    /// Escapes what roff gives a meaning.
    ///
    /// Backslashes, dashes that are typed, and dots and quotes at the start of a line.
    private func escaped(_ text: String) -> String {
        var result = text.first == "." || text.first == "'" ? "\\&" : ""
        for character in text {
            switch character {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            default: result.append(character)
            }
        }
        return result
    }
}

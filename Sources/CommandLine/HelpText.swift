/// The help screen of a command; a pure function of the command tree.
package struct HelpText: Sendable {
    /// Columns that a line may take, 40 or more.
    private let width: Int

    package init(width: Int = 80) {
        self.width = max(40, width)
    }

    /// The whole screen, ending with a line feed.
    package func screen(of command: Command, path: [String]) -> String {
        var sections = ["\(path.joined(separator: " ")) — \(command.summary)"]
        if !command.discussion.isEmpty {
            let paragraphs = command.discussion.split(
                separator: "\n",
                omittingEmptySubsequences: false
            )
            sections.append(
                paragraphs.map { wrap(String($0), indent: 0).joined(separator: "\n") }
                    .joined(separator: "\n")
            )
        }
        sections.append("USAGE\n" + usage(of: command, path: path))
        sections.append(contentsOf: tables(of: command))
        if !command.examples.isEmpty {
            let lines = command.examples.flatMap { example in
                wrap("# " + example.summary, indent: 2) + ["  " + example.line]
            }
            sections.append("EXAMPLES\n" + lines.joined(separator: "\n"))
        }
        if command.subcommands.contains(where: { !$0.isHidden }) {
            sections.append(
                "Run '\(path.joined(separator: " ")) COMMAND --help' for what a command takes."
            )
        }
        return sections.joined(separator: "\n\n") + "\n"
    }

    private func tables(of command: Command) -> [String] {
        let commands = command.subcommands.filter { !$0.isHidden }.map { ($0.name, $0.summary) }
        let arguments = command.arguments.map { ($0.name, $0.summary) }
        let options =
            command.options.map { (spelling(of: $0), summary(of: $0)) }
            + [("-h, --help", "Show this screen.")]
        return [("COMMANDS", commands), ("ARGUMENTS", arguments), ("OPTIONS", options)]
            .filter { !$0.1.isEmpty }
            .map { $0.0 + "\n" + table($0.1) }
    }

    private func usage(of command: Command, path: [String]) -> String {
        var words: [String] = []
        if command.action == nil { words.append("COMMAND") }
        words += command.arguments.map { argument in
            switch argument.arity {
            case .one: argument.name
            case .optional: "[\(argument.name)]"
            case .oneOrMore: "\(argument.name)…"
            case .any: "[\(argument.name)…]"
            }
        }
        words += command.options.map { option in
            let value = option.value.map { " " + $0 } ?? ""
            return "[--\(option.name)\(value)]" + (option.isRepeatable ? "…" : "")
        }
        let head = "  " + path.joined(separator: " ")
        var lines = [head]
        for word in words {
            if lines[lines.count - 1].count + 1 + word.count > width {
                lines.append(String(repeating: " ", count: head.count))
            }
            lines[lines.count - 1] += " " + word
        }
        return lines.joined(separator: "\n")
    }

    private func spelling(of option: Option) -> String {
        let short = option.short.map { "-\($0), " } ?? "    "
        return short + "--" + option.name + (option.value.map { " " + $0 } ?? "")
    }

    private func summary(of option: Option) -> String {
        var text = option.summary
        if !option.choices.isEmpty { text += " One of: \(option.choices.joined(separator: ", "))." }
        if let value = option.defaultText { text += " Default: \(value)." }
        if option.isRepeatable { text += " May be given several times." }
        return text
    }

    /// Two columns; a first column wider than 26 characters gets a line of its own.
    private func table(_ rows: [(String, String)]) -> String {
        let column = min(26, rows.map(\.0.count).max() ?? 0)
        return rows.flatMap { head, text -> [String] in
            let indent = column + 4
            var lines = wrap(text, indent: indent)
            let padding = String(repeating: " ", count: max(0, column - head.count) + 2)
            if head.count <= column, let first = lines.first {
                lines[0] = "  " + head + padding + first.drop { $0 == " " }
                return lines
            }
            return ["  " + head] + lines
        }.joined(separator: "\n")
    }

    private func wrap(_ text: String, indent: Int) -> [String] {
        let margin = String(repeating: " ", count: indent)
        guard !text.hasPrefix("  ") else { return [margin + text] }
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, indent + line.count + 1 + word.count > width {
                lines.append(margin + line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        lines.append(line.isEmpty ? "" : margin + line)
        return lines
    }
}

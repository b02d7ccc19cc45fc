/// A Markdown page: its lines, tables, headings and links.
struct MarkdownText {
    let path: String
    let lines: [Substring]

    init(path: String, _ text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// A row of a table: its cells without the spaces around them, and its line (from 1).
    struct Row: Equatable {
        var cells: [String]
        var line: Int
    }

    /// The rows below the header whose first cell is this; empty when there is no such table.
    func table(headed first: String) -> [Row] {
        let rows = lines.enumerated().map { Row(cells: Self.cells($1), line: $0 + 1) }
        guard let header = rows.firstIndex(where: { $0.cells.first == first }) else { return [] }
        return Array(rows[(header + 1)...].prefix { !$0.cells.isEmpty }.dropFirst())
    }

    /// What stands in backquotes.
    static func codes(in cell: String) -> [String] {
        cell.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }

    /// The headings of the second level.
    var sections: [String] {
        lines.filter { $0.hasPrefix("## ") }.map { String($0.dropFirst(3)) }
    }

    /// The targets of `[text](target)` that are files, outside of code blocks, with their lines.
    var fileLinks: [(target: String, line: Int)] {
        var links: [(String, Int)] = []
        var isCode = false
        for (index, line) in lines.enumerated() {
            if line.hasPrefix("```") { isCode.toggle() }
            guard !isCode else { continue }
            var rest = line
            while let start = rest.firstRange(of: "](") {
                rest = rest[start.upperBound...]
                guard let end = rest.firstIndex(of: ")") else { break }
                let target = rest[..<end].prefix { $0 != "#" }
                if !target.isEmpty, !target.contains("://") {
                    links.append((String(target), index + 1))
                }
            }
        }
        return links
    }

    private static func cells(_ line: Substring) -> [String] {
        guard line.hasPrefix("|") else { return [] }
        return line.dropFirst().split(separator: "|", omittingEmptySubsequences: false)
            .dropLast().map { trimmed($0) }
    }

    private static func trimmed(_ cell: Substring) -> String {
        let start = cell.drop { $0 == " " }
        return String(start.reversed().drop { $0 == " " }.reversed())
    }
}

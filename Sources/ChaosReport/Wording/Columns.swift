/// Text in columns.
enum Columns {
    /// The widest column; longer words are cut with an ellipsis.
    static let widthMax = 52

    /// Each row a line; the columns are as wide as their widest cell.
    static func text(_ rows: [[String]]) -> String {
        let cut = rows.map { row in row.map { shortened(TerminalSummary.oneLine($0)) } }
        let count = cut.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in
            cut.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return cut.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let isLast = column == row.count - 1
                line += cell
                guard !isLast else { continue }
                line += String(repeating: " ", count: widths[column] - cell.count + 2)
            }
            while line.hasSuffix(" ") { line.removeLast() }
            return line + "\n"
        }.joined()
    }

    private static func shortened(_ text: String) -> String {
        text.count > widthMax ? text.prefix(widthMax - 1) + "…" : text
    }
}

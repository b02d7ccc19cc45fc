/// A table for people: a head, rows, two spaces between columns, no lines; pure.
package struct TextTable: Sendable {
    /// A column's head and which side its cells keep to.
    package struct Column: Sendable, ExpressibleByStringLiteral {
        package var head: String
        package var isNumeric: Bool

        package init(_ head: String, isNumeric: Bool = false) {
            self.head = head
            self.isNumeric = isNumeric
        }

        package init(stringLiteral value: String) { self.init(value) }

        /// A column of numbers, which keep to the right.
        package static func number(_ head: String) -> Column { Column(head, isNumeric: true) }
    }

    private let columns: [Column]
    private var rows: [[String]] = []

    package init(_ columns: [Column]) {
        self.columns = columns
    }

    /// Adds a row; missing cells are empty, those beyond the columns are left out.
    package mutating func add(_ cells: [String]) {
        let padding = Array(repeating: "", count: max(0, columns.count - cells.count))
        let whole = (cells + padding).prefix(columns.count)
        rows.append(whole.map { TextTable.printable($0) })
    }

    package var isEmpty: Bool { rows.isEmpty }

    /// The lines, head first, without blanks at their ends.
    ///
    /// - Parameters:
    ///   - width: Columns of the terminal; longer lines are cut with `…`. `nil` cuts nothing.
    ///   - indent: Blanks before each line.
    /// - Returns: One line for the head and one for each row.
    package func lines(width: Int? = nil, indent: Int = 0) -> [String] {
        let all = [columns.map(\.head)] + rows
        let widths = columns.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { cells in
            let padded = cells.indices.map { column -> String in
                let space = String(repeating: " ", count: widths[column] - cells[column].count)
                return columns[column].isNumeric ? space + cells[column] : cells[column] + space
            }
            let line = String(repeating: " ", count: indent) + padded.joined(separator: "  ")
            return TextTable.cut(line.trimmingEnd(), to: width)
        }
    }

    /// The text with `?` for control characters, which would command a terminal.
    package static func printable(_ text: String) -> String {
        let isControl = { (scalar: Unicode.Scalar) in
            scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
        }
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { result.append(isControl(scalar) ? "?" : scalar) }
        return String(result)
    }

    /// A text that fits into a width; what is cut off shows as `…`.
    package static func cut(_ text: String, to width: Int?) -> String {
        guard let width, text.count > width else { return text }
        return width > 0 ? text.prefix(width - 1) + "…" : ""
    }
}

extension String {
    fileprivate func trimmingEnd() -> String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}

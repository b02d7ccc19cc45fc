import JSON

/// Shows problems to people: each with its line, a caret under the place, and what to do.
package enum ProblemRenderer {
    /// The problems in the given order; `sources` are the files' bytes by name, for the lines.
    ///
    ///     experiments/latency.json:14:17 (method[0].arguments.delay_ms): -5 is below 0. Use 0.
    ///       14 |     "delay_ms": -5,
    ///          |                 ^
    package static func render(_ problems: [Problem], sources: [String: [UInt8]]) -> String {
        var documents: [String: JSONDocument] = [:]
        var blocks: [String] = []
        for problem in problems {
            if documents[problem.file] == nil, let bytes = sources[problem.file] {
                documents[problem.file] = JSONDocument(file: problem.file, bytes: bytes)
            }
            blocks.append(render(problem, in: documents[problem.file]))
        }
        return blocks.joined(separator: "\n")
    }

    /// Longer lines are cut around the place.
    private static let lineWidthMaximum = 160

    private static func render(_ problem: Problem, in document: JSONDocument?) -> String {
        guard let document, problem.line > 0 else { return problem.text + "\n" }
        var line = Array(document.lineText(problem.line).unicodeScalars)
        var column = min(problem.column, line.count + 1)
        if line.count > lineWidthMaximum {
            let start = max(0, min(column - lineWidthMaximum / 2, line.count - lineWidthMaximum))
            let end = min(start + lineWidthMaximum, line.count)
            let (hasMoreBefore, hasMoreAfter) = (start > 0, end < line.count)
            line = Array(line[start..<end])
            column -= start
            if hasMoreBefore { line.replaceSubrange(0..<1, with: ["…"]) }
            if hasMoreAfter { line.append("…") }
        }
        let number = String(problem.line)
        let margin = String(repeating: " ", count: number.utf8.count)
        return """
            \(problem.text)
              \(number) | \(printable(line))
              \(margin) | \(padding(line.prefix(column - 1)))^

            """
    }

    /// Control characters other than tabs would move the caret or the cursor.
    private static func printable(_ line: [Unicode.Scalar]) -> String {
        var text = String.UnicodeScalarView()
        for scalar in line {
            let isControl = scalar.properties.generalCategory == .control && scalar != "\t"
            text.append(isControl ? "\u{FFFD}" : scalar)
        }
        return String(text)
    }

    /// White space as wide as the text: tabs stay, marks that stand on another character take no
    /// room.
    private static func padding(_ line: some Sequence<Unicode.Scalar>) -> String {
        var text = ""
        for scalar in line {
            switch scalar.properties.generalCategory {
            case .nonspacingMark, .enclosingMark: continue
            case _ where scalar == "\t": text += "\t"
            default: text += isWide(scalar) ? "  " : " "
            }
        }
        return text
    }

    /// Whether a terminal gives the character two columns (East Asian wide, emoji).
    private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
            0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF,
            0x20000...0x3FFFD:
            true
        default: false
        }
    }
}

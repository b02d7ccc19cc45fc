import _StringProcessing

/// A regular expression in Python's syntax, searched by Swift's engine.
///
/// The text is rewritten where the two differ (`$`, `.`, `\Z`, `\v`, sets within sets). What
/// Swift's engine does not have (look-behind, conditionals) is an error when the pattern is read,
/// never a wrong answer.
package struct PythonRegex {
    private let regex: Regex<AnyRegexOutput>

    /// Longer patterns are refused.
    package static let patternLengthMaximum = 4096

    /// Errors: the pattern is malformed, too long, or needs what the engine does not have.
    package init(_ pattern: String) throws(UnitError) {
        guard pattern.utf8.count <= Self.patternLengthMaximum else {
            throw UnitError(
                "the pattern is longer than \(Self.patternLengthMaximum) bytes",
                "Shorten it."
            )
        }
        var rewriter = PatternRewriter(pattern)
        let rewritten = try rewriter.rewrite()
        do {
            regex = try Regex(rewritten).matchingSemantics(.unicodeScalar)
                .wordBoundaryKind(.simple)
        } catch {
            throw UnitError(
                "the pattern \(pattern) seems invalid: \(error)",
                "Use Python's syntax without look-behind; write \\\\ for a backslash."
            )
        }
    }

    /// Whether the pattern matches anywhere: Python's `re.search`.
    package func isFound(in text: String) -> Bool {
        text.firstMatch(of: regex) != nil
    }
}

/// Turns a pattern of Python's `re` into one that means the same to Swift.
private struct PatternRewriter {
    private let scalars: [Unicode.Scalar]
    private let pattern: String
    private var index = 0
    private var result = ""
    private let isMultiline: Bool
    private let isDotAll: Bool

    init(_ pattern: String) {
        self.pattern = pattern
        scalars = Array(pattern.unicodeScalars)
        let flags = Self.flags(scalars)
        isMultiline = flags.contains("m")
        isDotAll = flags.contains("s")
    }

    /// The letters of the flags at the start: `(?ms)`.
    private static func flags(_ scalars: [Unicode.Scalar]) -> String {
        guard scalars.starts(with: "(?".unicodeScalars) else { return "" }
        let letters = scalars.dropFirst(2).prefix { $0.properties.isAlphabetic }
        return String(String.UnicodeScalarView(letters))
    }

    mutating func rewrite() throws(UnitError) -> String {
        while index < scalars.count {
            let scalar = scalars[index]
            switch scalar {
            case "\\": try escape(inSet: false)
            case "[": try set()
            case "$":
                // Python's $ also matches before a final line feed, which is Swift's \Z.
                result += isMultiline ? "$" : "\\Z"
                index += 1
            case ".":
                // Python's dot refuses only the line feed, Swift's every line end.
                result += isDotAll ? "." : "[^\\n]"
                index += 1
            default:
                result.unicodeScalars.append(scalar)
                index += 1
            }
        }
        return result
    }

    private mutating func escape(inSet: Bool) throws(UnitError) {
        guard index + 1 < scalars.count else {
            throw UnitError("the pattern \(pattern) ends with a backslash", "Write \\\\\\\\.")
        }
        let letter = scalars[index + 1]
        index += 2
        switch letter {
        case "Z": result += "\\z"
        case "v": result += "\\u{0B}"
        case "b" where inSet: result += "\\u{08}"
        case _
        where letter.isASCII && letter.properties.isAlphabetic
            && !"AbBdDsSwWafnrtxuUN".unicodeScalars.contains(letter):
            throw UnitError(
                "the pattern \(pattern) holds the unknown escape \\\(letter)",
                "Write \\\\\\\\ for a backslash."
            )
        default:
            result += "\\"
            result.unicodeScalars.append(letter)
        }
    }

    /// A set of characters: nested brackets and the set operators of Swift are plain characters in
    /// Python.
    private mutating func set() throws(UnitError) {
        result += "["
        index += 1
        if index < scalars.count, scalars[index] == "^" {
            result += "^"
            index += 1
        }
        var isFirst = true
        while index < scalars.count {
            let scalar = scalars[index]
            if scalar == "]", !isFirst {
                result += "]"
                index += 1
                return
            }
            isFirst = false
            switch scalar {
            case "\\":
                try escape(inSet: true)
                continue
            case "[", "]", "&", "~": result += "\\\(scalar)"
            case "-" where index + 1 < scalars.count && scalars[index + 1] == "-":
                result += "\\-"
            default: result.unicodeScalars.append(scalar)
            }
            index += 1
        }
        throw UnitError(
            "the pattern \(pattern) seems invalid: unterminated character set",
            "Add a ], or write \\\\[ for a bracket."
        )
    }
}

package import JSON

/// One mistake in a file: what is wrong, where, and what to do.
package struct Problem: Sendable, Hashable, Error {
    package enum Severity: String, Sendable {
        /// The file cannot be used.
        case error
        /// The file can be used, but not as its author may believe.
        case warning
    }

    /// What a problem is about.
    package enum Aspect: String, Sendable {
        /// The text itself: wrong on every machine.
        case format
        /// This machine: a variable or program that the file needs is not here.
        case environment
    }

    /// The file's name as the user gave it.
    package var file: String
    /// 1 is the first line; 0 when no place in the file is meant.
    package var line: Int
    /// 1 is the first character.
    package var column: Int
    /// `method[0].arguments.delay_ms`; `$` for the whole file.
    package var path: String
    /// What is wrong, without a full stop.
    package var message: String
    /// What to do, a whole sentence.
    package var remedy: String
    package var severity: Severity
    package var aspect: Aspect = .format

    package init(
        file: String,
        line: Int,
        column: Int,
        path: String,
        message: String,
        remedy: String,
        severity: Severity = .error
    ) {
        self.file = file
        self.line = line
        self.column = column
        self.path = path
        self.message = message
        self.remedy = remedy
        self.severity = severity
    }
}

extension Problem {
    /// `{"file","line","column","path","message","remedy"}`, with `severity` and `aspect` after
    /// them.
    package var json: JSONValue {
        [
            "file": .string(file), "line": .integer(Int64(line)),
            "column": .integer(Int64(column)), "path": .string(path),
            "message": .string(message), "remedy": .string(remedy),
            "severity": .string(severity.rawValue), "aspect": .string(aspect.rawValue),
        ]
    }

    /// Where, what and what to do, on one line.
    package var text: String {
        let place = line > 0 ? "\(file):\(line):\(column)" : file
        let at = path == "$" || path.isEmpty ? "" : " (\(path))"
        let warning = severity == .warning ? "warning: " : ""
        let advice = remedy.isEmpty ? "" : " \(remedy)"
        return "\(place)\(at): \(warning)\(message).\(advice)"
    }
}

extension [Problem] {
    /// Whether any of them makes the file unusable.
    package var hasErrors: Bool { contains { $0.severity == .error } }

    /// By file, then by position; warnings after errors at the same place.
    package var sortedByPosition: [Problem] {
        enumerated().sorted { left, right in
            let (first, second) = (left.element, right.element)
            return (first.file, first.line, first.column, left.offset)
                < (second.file, second.line, second.column, right.offset)
        }.map(\.element)
    }

    /// Without those that stand where an error of `earlier` stands already, above it or below it:
    /// they may be nothing but its consequence.
    package func withoutConsequences(of earlier: [Problem]) -> [Problem] {
        let places = earlier.filter { $0.severity == .error }.map(\.path)
        return filter { problem in
            !places.contains { $0.isSamePlace(as: problem.path) }
        }
    }

    /// `{"valid":…,"problems":[…]}`; warnings do not make a file invalid.
    package var json: JSONValue {
        ["valid": .bool(!hasErrors), "problems": .array(map(\.json))]
    }
}

extension String {
    /// Whether one of two paths is the other or leads to it.
    fileprivate func isSamePlace(as other: String) -> Bool {
        let (short, long) = count <= other.count ? (self, other) : (other, self)
        guard short != "$", long.hasPrefix(short) else { return short == "$" }
        let next = long.dropFirst(short.count).first
        return next == nil || next == "." || next == "["
    }
}

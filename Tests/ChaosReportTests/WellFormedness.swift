/// A small check of our own: elements are closed in order, attributes quoted, no stray `<`.
enum WellFormedness {
    /// Says what is wrong first; `nil` when nothing is.
    static func problem(in page: String) -> String? {
        var open: [String] = []
        var rest = Substring(page)
        guard rest.hasPrefix("<!DOCTYPE html>\n") else { return "no document type" }
        rest = rest.dropFirst("<!DOCTYPE html>".count)
        while let start = rest.firstIndex(of: "<") {
            let before = rest[..<start]
            if open.last != "style", before.contains(">") { return "a bare > in \(before)" }
            guard let tag = Tag(rest[start...]) else {
                return "no tag: \(rest[start...].prefix(60))"
            }
            rest = tag.after
            switch tag.kind {
            case .open: open.append(tag.name)
            case .void: break
            case .close:
                guard open.popLast() == tag.name else { return "</\(tag.name)> closes nothing" }
            }
        }
        return open.isEmpty ? nil : "not closed: \(open)"
    }

    /// All attributes of all tags.
    static func attributes(in page: String) -> [(name: String, value: String)] {
        var result: [(String, String)] = []
        var rest = Substring(page)
        while let start = rest.firstIndex(of: "<") {
            guard let tag = Tag(rest[start...]) else {
                rest = rest[start...].dropFirst()
                continue
            }
            result += tag.attributes
            rest = tag.after
        }
        return result
    }

    private struct Tag {
        enum Kind { case open, close, void }
        var kind: Kind
        var name: String
        var attributes: [(name: String, value: String)] = []
        /// What follows the tag.
        var after: Substring

        init?(_ text: Substring) {
            var rest = text.dropFirst()
            kind = rest.first == "/" ? .close : .open
            if kind == .close { rest = rest.dropFirst() }
            let word = rest.prefix { $0.isLetter || $0.isNumber }
            guard !word.isEmpty else { return nil }
            name = String(word)
            rest = rest.dropFirst(word.count)
            while rest.first == " " {
                rest = rest.dropFirst()
                let key = rest.prefix { $0 != "=" && $0 != ">" && $0 != " " && $0 != "<" }
                rest = rest.dropFirst(key.count)
                guard !key.isEmpty, rest.hasPrefix("=\"") else { return nil }
                rest = rest.dropFirst(2)
                let value = rest.prefix { $0 != "\"" }
                guard !value.contains("<") else { return nil }
                attributes.append((String(key), String(value)))
                rest = rest.dropFirst(value.count)
                guard rest.first == "\"" else { return nil }
                rest = rest.dropFirst()
            }
            if rest.hasPrefix("/>") {
                kind = .void
                rest = rest.dropFirst()
            }
            guard rest.first == ">" else { return nil }
            after = rest.dropFirst()
        }
    }
}

extension String {
    /// The parts between occurrences of a separator.
    func components(of separator: String) -> [String] {
        var parts: [String] = []
        var rest = Substring(self)
        while let found = rest.firstRange(of: separator) {
            parts.append(String(rest[..<found.lowerBound]))
            rest = rest[found.upperBound...]
        }
        return parts + [String(rest)]
    }
}

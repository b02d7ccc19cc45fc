package import JSON

/// `${name}` and `$name` as the Chaos Toolkit replaces them, once, without recursion.
///
/// A name alone becomes the value with its type; within other text its Python text. `$$` is `$`.
/// Unknown names and malformed patterns stay as they are; names of members are never touched.
package struct Substitution: Sendable {
    private let variables: JSONObject
    /// Whether there is neither configuration nor secrets: then arguments are left alone, `$$`
    /// included.
    package let isEmpty: Bool

    /// Resolved configuration, and resolved secrets by group; the configuration wins, then the
    /// first group.
    package init(configuration: JSONObject = [:], secrets: JSONObject = [:]) {
        var variables = configuration
        for group in secrets.members {
            for member in group.value.objectValue?.members ?? []
            where variables[member.name] == nil {
                variables[member.name] = member.value
            }
        }
        self.variables = variables
        isEmpty = configuration.isEmpty && secrets.isEmpty
    }

    /// The value with every string in it replaced.
    package func apply(to value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text): apply(to: text)
        case .array(let elements): .array(elements.map(apply(to:)))
        case .object(let object): .object(apply(to: object))
        default: value
        }
    }

    /// The object with every value replaced; names stay.
    package func apply(to object: JSONObject) -> JSONObject {
        JSONObject(object.members.map { .init(name: $0.name, value: apply(to: $0.value)) })
    }

    /// A step's arguments: left alone when there is nothing to put in.
    package func applyToArguments(_ value: JSONValue) -> JSONValue {
        isEmpty ? value : apply(to: value)
    }

    /// Whether a text holds a name that would be looked up.
    package static func hasReference(_ text: String) -> Bool {
        var pieces = SubstitutionPieces(text)
        while let piece = pieces.next() {
            if case .reference = piece { return true }
        }
        return false
    }

    /// A whole text that is one name becomes its value; else the result is a string.
    package func apply(to text: String) -> JSONValue {
        guard text.unicodeScalars.contains("$") else { return .string(text) }
        var pieces = SubstitutionPieces(text)
        var result = ""
        var isFirst = true
        while let piece = pieces.next() {
            switch piece {
            case .text(let text): result += text
            case .reference(let name, let source):
                guard let value = variables[name] else {
                    result += source
                    break
                }
                if isFirst, pieces.isAtEnd { return value }
                result += PythonRules.text(value)
            }
            isFirst = false
        }
        return .string(result)
    }
}

/// Cuts a text into plain stretches and references.
private struct SubstitutionPieces {
    enum Piece {
        case text(String)
        case reference(name: String, source: String)
    }

    private let scalars: [Unicode.Scalar]
    private var index = 0

    init(_ text: String) {
        scalars = Array(text.unicodeScalars)
    }

    var isAtEnd: Bool { index == scalars.count }

    mutating func next() -> Piece? {
        guard index < scalars.count else { return nil }
        let start = index
        guard scalars[index] == "$" else {
            while index < scalars.count, scalars[index] != "$" { index += 1 }
            return .text(string(start..<index))
        }
        index += 1
        if index < scalars.count, scalars[index] == "$" {
            index += 1
            return .text("$")
        }
        let isBraced = index < scalars.count && scalars[index] == "{"
        let nameStart = isBraced ? index + 1 : index
        var end = nameStart
        while end < scalars.count, isNamePart(scalars[end], isFirst: end == nameStart) { end += 1 }
        let isClosed = !isBraced || (end < scalars.count && scalars[end] == "}")
        guard end > nameStart, isClosed else { return .text("$") }
        index = isBraced ? end + 1 : end
        return .reference(name: string(nameStart..<end), source: string(start..<index))
    }

    private func isNamePart(_ scalar: Unicode.Scalar, isFirst: Bool) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "_": true
        case "0"..."9": !isFirst
        default: false
        }
    }

    private func string(_ range: Range<Int>) -> String {
        String(String.UnicodeScalarView(scalars[range]))
    }
}

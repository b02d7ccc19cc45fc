/// A function with a body: where it starts and how many lines it takes, signature and braces
/// included.
struct FunctionExtent: Equatable {
    /// As it is written: `run(`, `init(`, `_` for a raw identifier.
    var name: String
    /// From 1.
    var line: Int
    var lines: Int

    /// Every function, initializer, subscript and computed property of a file; those inside others
    /// too.
    static func all(in text: SwiftText) -> [FunctionExtent] {
        var reader = FunctionReader(text.code)
        return reader.read()
    }
}

/// Finds the braces that belong to each declaration in code without comments and literals.
private struct FunctionReader {
    private let words: [CodeWord]

    init(_ code: [String]) { words = CodeWord.all(in: code) }

    /// Words that begin a declaration: a function before them has no body.
    private static let declarations: Set<String> = [
        "func", "var", "let", "init", "deinit", "subscript", "static", "package", "private",
        "fileprivate", "public", "internal", "mutating", "nonmutating", "case", "struct", "enum",
        "class", "actor", "extension", "protocol", "import", "typealias", "associatedtype", "final",
    ]

    mutating func read() -> [FunctionExtent] {
        words.indices.compactMap { index in
            let word = words[index]
            switch word.text {
            case "func", "subscript", "deinit":
                return extent(at: index, from: index + 1)
            case "init" where index == 0 || words[index - 1].text != ".":
                let next = index + 1 < words.count ? words[index + 1].text : ""
                return ["(", "<", "?", "!"].contains(next)
                    ? extent(at: index, from: index + 1) : nil
            case "var":
                return computed(at: index)
            default:
                return nil
            }
        }
    }

    /// A declaration with parameters: they end, then comes a brace or another declaration.
    private func extent(at start: Int, from first: Int) -> FunctionExtent? {
        var depth = 0
        var index = first
        while index < words.count {
            let text = words[index].text
            switch text {
            case "(", "[": depth += 1
            case ")", "]": depth -= 1
            case "{" where depth == 0: return body(of: start, opening: index)
            case "}" where depth == 0: return nil
            default:
                let isNext = index > first && depth == 0 && Self.declarations.contains(text)
                if isNext { return nil }
            }
            index += 1
        }
        return nil
    }

    /// A property whose brace stands on its line and before any `=`.
    private func computed(at start: Int) -> FunctionExtent? {
        var index = start + 1
        while index < words.count, words[index].line == words[start].line {
            if words[index].text == "=" { return nil }
            if words[index].text == "{" { return body(of: start, opening: index) }
            index += 1
        }
        return nil
    }

    private func body(of start: Int, opening: Int) -> FunctionExtent? {
        var depth = 0
        for index in opening..<words.count {
            if words[index].text == "{" { depth += 1 }
            if words[index].text == "}" { depth -= 1 }
            guard depth == 0 else { continue }
            let first = words[start].line
            let isNamed = ["func", "var"].contains(words[start].text)
            return FunctionExtent(
                name: words[isNamed ? start + 1 : start].text,
                line: first,
                lines: words[index].line - first + 1
            )
        }
        return nil
    }
}

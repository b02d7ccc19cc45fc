/// What comments must say: why a check is switched off, and which issue a promise belongs to.
enum CommentRules {
    static func all(_ text: SwiftText) -> [Finding] { unchecked(text) + promises(text) }

    /// An `@unchecked Sendable` has the reason in the comment of its declaration.
    static func unchecked(_ text: SwiftText) -> [Finding] {
        text.code.indices.filter { text.code[$0].contains("@unchecked Sendable") }
            .filter { !reason(text, above: $0).lowercased().contains("unchecked") }
            .map { index in
                Finding(
                    text.path,
                    index + 1,
                    "@unchecked Sendable without a reason",
                    remedy:
                        "Say in the comment above it: Unchecked: …, and why that is safe."
                )
            }
    }

    /// The comment on the line and the comments directly above; attributes may stand between.
    private static func reason(_ text: SwiftText, above line: Int) -> String {
        var reason = text.comments[line]
        for index in (0..<line).reversed() {
            let isComment = text.comments[index].contains("//")
            let isAttribute = text.code[index].drop { $0 == " " }.hasPrefix("@")
            guard isComment || isAttribute else { break }
            reason = text.comments[index] + " " + reason
        }
        return reason
    }

    private static let marks = ["TODO", "FIXME", "XXX", "HACK"]

    /// `TODO(#12)` is a promise; without the number of an issue it is forgotten.
    static func promises(_ text: SwiftText) -> [Finding] {
        text.comments.enumerated().compactMap { index, comment in
            let words = CodeWord.all(in: [comment]).map(\.text)
            guard let mark = marks.first(where: words.contains), !names(issue: words) else {
                return nil
            }
            return Finding(
                text.path,
                index + 1,
                "\(mark) without the number of an issue",
                remedy: "Do it now, or write \(mark)(#NUMBER)."
            )
        }
    }

    private static func names(issue words: [String]) -> Bool {
        zip(words, words.dropFirst()).contains { $0 == "#" && Int($1) != nil }
    }
}

/// Words that have a better one, and unwraps that trap on input.
enum BannedWords {
    static func all(_ text: SwiftText) -> [Finding] {
        let words = CodeWord.all(in: text.code)
        return calls(text, words) + forcing(text, words)
    }

    /// What not to call, and what instead.
    private static let calls: [String: String] = [
        "usleep": "Wait for the fact itself, or sleep on the loop, where cancellation wakes it.",
        "nanosleep": "Wait for the fact itself, or sleep on the loop, where cancellation wakes it.",
        "debugPrint": "Log it with Telemetry, or return it to the caller.",
        "print": "Log it with Telemetry, or return it to the caller; programs use their Console.",
    ]

    /// Where answers go to standard output; the fuzzer tells its figures when it is asked for them.
    private static let programs: Set<String> = ["chaos", "shop", "FuzzTests"]

    private static func calls(_ text: SwiftText, _ words: [CodeWord]) -> [Finding] {
        words.indices.dropLast().compactMap { index in
            let word = words[index]
            if word.text == "sleep", qualifier(words, index) == "Thread" {
                return finding(text, word, "Thread.sleep blocks a thread", calls["usleep"])
            }
            guard words[index + 1].text == "(", let remedy = calls[word.text] else { return nil }
            let before = index > 0 ? words[index - 1].text : ""
            let isGlobal = before != "." || ["Glibc", "Swift"].contains(qualifier(words, index))
            guard isGlobal, before != "func" else { return nil }
            if word.text == "print", programs.contains(text.room ?? "") { return nil }
            return finding(text, word, "\(word.text)( is not used here", remedy)
        }
    }

    /// `A` of `A.b` when `b` is at the index.
    private static func qualifier(_ words: [CodeWord], _ index: Int) -> String? {
        index > 1 && words[index - 1].text == "." ? words[index - 2].text : nil
    }

    /// `try!`, `as!`, `value!`, `Type!`: in tests too, where swift format does not look.
    private static func forcing(_ text: SwiftText, _ words: [CodeWord]) -> [Finding] {
        words.indices.dropFirst().compactMap { index in
            let word = words[index]
            guard word.text == "!", word.isAttached, isOperand(words[index - 1]) else { return nil }
            // `a != b` without spaces.
            if index + 1 < words.count, words[index + 1].text == "=", words[index + 1].isAttached {
                return nil
            }
            return finding(
                text,
                word,
                "\(words[index - 1].text)! traps when it is wrong",
                "Let the function throw; in a test: try #require(…)."
            )
        }
    }

    private static func isOperand(_ word: CodeWord) -> Bool {
        if [")", "]", "}", "\"", ">", "?"].contains(word.text) { return true }
        return word.text.utf8.first.map { $0 == UInt8(ascii: "_") || isLetter($0) } ?? false
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        let lower = byte | 0x20
        return lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z")
    }

    private static func finding(
        _ text: SwiftText,
        _ word: CodeWord,
        _ what: String,
        _ remedy: String?
    ) -> Finding {
        Finding(text.path, word.line, what, remedy: remedy ?? "")
    }
}

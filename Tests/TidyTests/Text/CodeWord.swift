/// An identifier, or one other character that is not a space, with its line.
struct CodeWord: Equatable {
    var text: String
    /// From 1.
    var line: Int
    /// Whether nothing stands between it and the word before.
    var isAttached: Bool

    /// The words of code whose comments and literals were blanked.
    static func all(in code: [String]) -> [CodeWord] {
        code.enumerated().flatMap { words(in: $1, line: $0 + 1) }
    }

    private static func words(in code: String, line: Int) -> [CodeWord] {
        var words: [CodeWord] = []
        var identifier: [UInt8] = []
        var isAttached = false
        func flush() {
            guard !identifier.isEmpty else { return }
            let text = String(decoding: identifier, as: UTF8.self)
            words.append(CodeWord(text: text, line: line, isAttached: isAttached))
            identifier = []
            isAttached = true
        }
        for byte in code.utf8 {
            if isIdentifier(byte) {
                identifier.append(byte)
                continue
            }
            flush()
            let isSpace = byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
            if !isSpace {
                let text = String(decoding: [byte], as: UTF8.self)
                words.append(CodeWord(text: text, line: line, isAttached: isAttached))
            }
            isAttached = !isSpace
        }
        flush()
        return words
    }

    private static func isIdentifier(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...:
            true
        default: false
        }
    }
}

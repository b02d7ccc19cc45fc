/// Cuts SQL into words as PostgreSQL's lexer does; comments and white space are skipped.
///
/// Quoted text, escape strings, dollar quotes and nested comments are known, so that a semicolon or
/// a word inside them is not taken for one outside. What is cut off in the middle ends there.
struct SQLScanner {
    /// What a word is.
    enum Kind: Sendable, Equatable {
        /// A keyword or a name without quotes.
        case word
        /// A name in double quotes.
        case quotedName
        /// Text in single or dollar quotes.
        case text
        case number
        /// `$1`.
        case parameter
        /// One character of anything else.
        case symbol
    }

    struct Token: Sendable, Equatable {
        let kind: Kind
        let range: Range<Int>
    }

    let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func next() -> Token? {
        skipBlank()
        guard position < bytes.count else { return nil }
        let start = position
        let kind = take()
        return Token(kind: kind, range: start..<position)
    }

    private func byte(_ offset: Int = 0) -> UInt8 {
        position + offset < bytes.count ? bytes[position + offset] : 0
    }

    private mutating func skipBlank() {
        while position < bytes.count {
            if ByteSet.space.contains(bytes[position]) || bytes[position] == 0 {
                position += 1
            } else if byte() == UInt8(ascii: "-"), byte(1) == UInt8(ascii: "-") {
                while position < bytes.count, bytes[position] != 0x0A { position += 1 }
            } else if byte() == UInt8(ascii: "/"), byte(1) == UInt8(ascii: "*") {
                skipComment()
            } else {
                return
            }
        }
    }

    private mutating func skipComment() {
        var depth = 0
        while position < bytes.count {
            if byte() == UInt8(ascii: "/"), byte(1) == UInt8(ascii: "*") {
                depth += 1
                position += 2
            } else if byte() == UInt8(ascii: "*"), byte(1) == UInt8(ascii: "/") {
                depth -= 1
                position += 2
                if depth == 0 { break }
            } else {
                position += 1
            }
        }
        position = min(position, bytes.count)
    }

    private mutating func take() -> Kind {
        let first = byte()
        switch first {
        case UInt8(ascii: "'"): return quoted(UInt8(ascii: "'"), .text, hasEscapes: false)
        case UInt8(ascii: "\""): return quoted(UInt8(ascii: "\""), .quotedName, hasEscapes: false)
        case UInt8(ascii: "E"), UInt8(ascii: "e"):
            guard byte(1) == UInt8(ascii: "'") else { return word() }
            position += 1
            return quoted(UInt8(ascii: "'"), .text, hasEscapes: true)
        case UInt8(ascii: "B"), UInt8(ascii: "b"), UInt8(ascii: "X"), UInt8(ascii: "x"),
            UInt8(ascii: "N"), UInt8(ascii: "n"):
            guard byte(1) == UInt8(ascii: "'") else { return word() }
            position += 1
            return quoted(UInt8(ascii: "'"), .text, hasEscapes: false)
        case UInt8(ascii: "$"): return dollar()
        case _ where ByteSet.digit.contains(first): return number()
        case UInt8(ascii: ".") where ByteSet.digit.contains(byte(1)): return number()
        case _ where ByteSet.word.contains(first): return word()
        default:
            position += 1
            return .symbol
        }
    }

    private mutating func quoted(_ quote: UInt8, _ kind: Kind, hasEscapes: Bool) -> Kind {
        position += 1
        while position < bytes.count {
            let current = bytes[position]
            position += 1
            if hasEscapes, current == UInt8(ascii: "\\") {
                position = min(position + 1, bytes.count)
            } else if current == quote {
                // A doubled quote stands for itself.
                guard byte() == quote else { break }
                position += 1
            }
        }
        return kind
    }

    private mutating func dollar() -> Kind {
        if ByteSet.digit.contains(byte(1)) {
            position += 1
            while ByteSet.digit.contains(byte()) { position += 1 }
            return .parameter
        }
        var end = position + 1
        while end < bytes.count, ByteSet.word.contains(bytes[end]) { end += 1 }
        guard end < bytes.count, bytes[end] == UInt8(ascii: "$") else {
            position += 1
            return .symbol
        }
        let tag = bytes[position...end]
        position = end + 1
        while position < bytes.count {
            if bytes[position] == UInt8(ascii: "$"), bytes[position...].starts(with: tag) {
                position += tag.count
                return .text
            }
            position += 1
        }
        return .text
    }

    private mutating func number() -> Kind {
        while ByteSet.word.contains(byte()) || byte() == UInt8(ascii: ".") { position += 1 }
        return .number
    }

    private mutating func word() -> Kind {
        while ByteSet.word.contains(byte()) || byte() == UInt8(ascii: "$") { position += 1 }
        return .word
    }
}

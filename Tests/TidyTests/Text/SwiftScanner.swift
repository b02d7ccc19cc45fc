/// Tells code from comments and string literals, byte by byte; knows no more of Swift than that.
struct SwiftScanner {
    private(set) var code: [UInt8] = []
    private(set) var comments: [UInt8] = []
    /// The lines, from 0, that begin inside a literal of several lines.
    private(set) var dataLines: Set<Int> = []
    private var line = 0
    private let bytes: [UInt8]
    private var index = 0
    private var modes: [Mode] = []

    private enum Mode {
        /// Inside `\(…)`; so many parentheses are open.
        case interpolation(Int)
        /// Inside a literal with so many `#`, and `"""` or `"`.
        case literal(hashes: Int, isMultiline: Bool)
    }

    private static let newline = UInt8(ascii: "\n")
    private static let quote = UInt8(ascii: "\"")
    private static let hash = UInt8(ascii: "#")
    private static let slash = UInt8(ascii: "/")
    private static let star = UInt8(ascii: "*")
    private static let backslash = UInt8(ascii: "\\")
    private static let tick = UInt8(ascii: "`")
    private static let open = UInt8(ascii: "(")
    private static let close = UInt8(ascii: ")")

    init(_ text: String) {
        bytes = Array(text.utf8)
        code.reserveCapacity(bytes.count)
        comments.reserveCapacity(bytes.count)
    }

    mutating func run() {
        while index < bytes.count {
            if case .literal(let hashes, let isMultiline)? = modes.last {
                insideLiteral(hashes, isMultiline)
            } else {
                insideCode()
            }
        }
    }

    private func byte(_ ahead: Int) -> UInt8? {
        index + ahead < bytes.count ? bytes[index + ahead] : nil
    }

    /// The next byte goes to the code, to the comments or to neither; newlines go to both.
    private mutating func take(code isCode: Bool = false, comment isComment: Bool = false) {
        let byte = bytes[index]
        let blank = byte == Self.newline ? byte : UInt8(ascii: " ")
        code.append(isCode ? byte : blank)
        comments.append(isComment ? byte : blank)
        index += 1
        guard byte == Self.newline else { return }
        line += 1
        if case .literal(_, true)? = modes.last { dataLines.insert(line) }
    }

    // MARK: - Code

    private mutating func insideCode() {
        switch bytes[index] {
        case Self.slash where byte(1) == Self.slash: lineComment()
        case Self.slash where byte(1) == Self.star: blockComment()
        case Self.tick: rawIdentifier()
        case Self.quote: begin(hashes: 0)
        case Self.hash where hashesBeforeQuote() != nil: begin(hashes: hashesBeforeQuote() ?? 0)
        default: plain()
        }
    }

    private mutating func plain() {
        let byte = bytes[index]
        take(code: true)
        guard case .interpolation(let depth)? = modes.last else { return }
        switch byte {
        case Self.open: modes[modes.count - 1] = .interpolation(depth + 1)
        case Self.close where depth == 1: modes.removeLast()
        case Self.close: modes[modes.count - 1] = .interpolation(depth - 1)
        default: break
        }
    }

    private mutating func lineComment() {
        while index < bytes.count, bytes[index] != Self.newline { take(comment: true) }
    }

    private mutating func blockComment() {
        var depth = 0
        while index < bytes.count {
            let pair = (bytes[index], byte(1))
            if pair == (Self.slash, Self.star) {
                depth += 1
                take(comment: true)
            } else if pair == (Self.star, Self.slash) {
                depth -= 1
                take(comment: true)
            }
            guard index < bytes.count else { return }
            take(comment: true)
            if depth == 0 { return }
        }
    }

    private mutating func rawIdentifier() {
        take()
        code[code.count - 1] = UInt8(ascii: "_")
        while index < bytes.count, bytes[index] != Self.tick, bytes[index] != Self.newline {
            take()
        }
        if byte(0) == Self.tick { take() }
    }

    private func hashesBeforeQuote() -> Int? {
        var count = 0
        while byte(count) == Self.hash { count += 1 }
        return byte(count) == Self.quote ? count : nil
    }

    // MARK: - Literals

    private mutating func begin(hashes: Int) {
        for _ in 0..<hashes { take() }
        let isMultiline = byte(1) == Self.quote && byte(2) == Self.quote
        for _ in 0..<(isMultiline ? 3 : 1) { take(code: true) }
        modes.append(.literal(hashes: hashes, isMultiline: isMultiline))
    }

    private mutating func insideLiteral(_ hashes: Int, _ isMultiline: Bool) {
        let byte = bytes[index]
        if byte == Self.backslash, follows(hashes, of: Self.hash, at: 1) {
            escape(hashes)
        } else if byte == Self.quote, isEnd(hashes, isMultiline) {
            for _ in 0..<(isMultiline ? 3 : 1) { take(code: true) }
            for _ in 0..<hashes { take() }
            modes.removeLast()
        } else {
            // A literal on one line ends with it: then the file is wrong, or this is no literal.
            if byte == Self.newline, !isMultiline { modes.removeLast() }
            take()
        }
    }

    private mutating func escape(_ hashes: Int) {
        for _ in 0...hashes { take() }
        guard index < bytes.count else { return }
        guard bytes[index] == Self.open else { return take() }
        take(code: true)
        modes.append(.interpolation(1))
    }

    private func isEnd(_ hashes: Int, _ isMultiline: Bool) -> Bool {
        guard isMultiline else { return follows(hashes, of: Self.hash, at: 1) }
        return follows(3, of: Self.quote, at: 0) && follows(hashes, of: Self.hash, at: 3)
    }

    private func follows(_ count: Int, of wanted: UInt8, at start: Int) -> Bool {
        (0..<count).allSatisfy { byte(start + $0) == wanted }
    }
}

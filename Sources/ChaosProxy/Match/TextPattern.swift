/// A regular expression whose cost is bounded: at most pattern × text steps, whatever they are.
///
/// It runs every alternative side by side (Thompson's construction) and never goes back, so that no
/// pattern can hold up the loop that carries the bytes. It knows literals, `.`, `[a-z]`, `\d \w \s
/// \b` and their negations, `^ $`, groups, `|` and `* + ? {m,n}`; no back-references. Bytes are
/// compared, so `.` is one byte of UTF-8.
struct TextPattern: Sendable {
    /// Longest pattern, bytes.
    static let lengthMax = 500
    /// Most instructions that a pattern may become; `{m,n}` multiplies them.
    static let programMax = 1_000
    /// Deepest nesting of groups.
    static let depthMax = 50
    /// Most repetitions in `{m,n}`.
    static let repeatMax = 255

    let text: String
    private let program: [Instruction]

    /// One instruction of the machine.
    enum Instruction: Sendable {
        /// Takes one byte of the set.
        case take(ByteSet)
        /// Goes on at both places.
        case split(Int, Int)
        case jump(Int)
        case atStart, atEnd
        /// Between a word and what is none, or the contrary.
        case atBoundary(Bool)
        case matched
    }

    /// - Parameters:
    ///   - text: The pattern.
    ///   - ignoresCase: Whether ASCII letters match in any case.
    /// - Throws: `TextPatternError`, which says what is wrong with it.
    init(_ text: String, ignoresCase: Bool) throws(TextPatternError) {
        guard text.utf8.count <= TextPattern.lengthMax else {
            throw TextPatternError(
                "is longer than \(TextPattern.lengthMax) bytes. Use a shorter one"
            )
        }
        self.text = text
        var parser = PatternParser(text, ignoresCase: ignoresCase)
        let node = try parser.parse()
        var compiler = PatternCompiler()
        try compiler.emit(node)
        try compiler.append(.matched)
        program = compiler.program
    }

    /// Whether the pattern is found anywhere in the bytes.
    func isFound(in bytes: [UInt8]) -> Bool {
        var threads = Threads(count: program.count)
        var next = Threads(count: program.count)
        for position in 0...bytes.count {
            if add(0, at: position, of: bytes, to: &threads) { return true }
            guard position < bytes.count else { break }
            next.removeAll()
            for counter in threads.list {
                guard case .take(let set) = program[counter], set.contains(bytes[position]) else {
                    continue
                }
                if add(counter + 1, at: position + 1, of: bytes, to: &next) { return true }
            }
            swap(&threads, &next)
        }
        return false
    }

    /// The places that wait for a byte, each once.
    private struct Threads {
        private(set) var list: [Int] = []
        private var isIn: [Bool]
        /// What was visited, also what waits for nothing.
        private var visited: [Int] = []

        init(count: Int) {
            isIn = [Bool](repeating: false, count: count)
        }

        mutating func visit(_ counter: Int) -> Bool {
            guard !isIn[counter] else { return false }
            isIn[counter] = true
            visited.append(counter)
            return true
        }

        mutating func wait(_ counter: Int) { list.append(counter) }

        mutating func removeAll() {
            for counter in visited { isIn[counter] = false }
            visited.removeAll(keepingCapacity: true)
            list.removeAll(keepingCapacity: true)
        }
    }

    /// Follows what needs no byte; returns whether the end of the program is reached.
    private func add(
        _ start: Int,
        at position: Int,
        of bytes: [UInt8],
        to threads: inout Threads
    ) -> Bool {
        var open = [start]
        while let counter = open.popLast() {
            guard threads.visit(counter) else { continue }
            switch program[counter] {
            case .take: threads.wait(counter)
            case .matched: return true
            case .jump(let target): open.append(target)
            case .split(let one, let other):
                open.append(one)
                open.append(other)
            case .atStart:
                if position == 0 { open.append(counter + 1) }
            case .atEnd:
                if position == bytes.count { open.append(counter + 1) }
            case .atBoundary(let wanted):
                let before = position > 0 && ByteSet.word.contains(bytes[position - 1])
                let after = position < bytes.count && ByteSet.word.contains(bytes[position])
                if (before != after) == wanted { open.append(counter + 1) }
            }
        }
        return false
    }
}

extension TextPattern: Equatable {
    static func == (one: TextPattern, other: TextPattern) -> Bool { one.text == other.text }
}

/// What is wrong with a pattern; reads on behind its name.
struct TextPatternError: Error, Equatable {
    let message: String

    init(_ message: String) {
        self.message = message
    }
}

/// A set of bytes.
struct ByteSet: Sendable, Equatable {
    private var words = InlineArray<4, UInt64>(repeating: 0)

    static let digit = ByteSet([(0x30, 0x39)])
    static let word = ByteSet([
        (0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A), (0x80, 0xFF),
    ])
    static let space = ByteSet([(0x09, 0x0D), (0x20, 0x20)])
    static let any = ByteSet([(0x00, 0xFF)])

    init(_ ranges: [(UInt8, UInt8)] = []) {
        for range in ranges { insert(range.0...range.1) }
    }

    mutating func insert(_ range: ClosedRange<UInt8>) {
        for byte in range { words[Int(byte >> 6)] |= 1 << UInt64(byte & 63) }
    }

    mutating func formUnion(_ other: ByteSet) {
        for index in 0..<4 { words[index] |= other.words[index] }
    }

    /// Every byte that is not in the set.
    var inverted: ByteSet {
        var result = self
        for index in 0..<4 { result.words[index] = ~words[index] }
        return result
    }

    /// With both cases of each ASCII letter in it.
    var foldingCase: ByteSet {
        var result = self
        for byte in UInt8(ascii: "a")...UInt8(ascii: "z") {
            let upper = byte & 0xDF
            if contains(byte) { result.insert(upper...upper) }
            if contains(upper) { result.insert(byte...byte) }
        }
        return result
    }

    func contains(_ byte: UInt8) -> Bool {
        words[Int(byte >> 6)] >> UInt64(byte & 63) & 1 == 1
    }

    static func == (one: ByteSet, other: ByteSet) -> Bool {
        (0..<4).allSatisfy { one.words[$0] == other.words[$0] }
    }
}

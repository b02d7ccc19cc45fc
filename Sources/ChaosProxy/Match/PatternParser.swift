/// The parts of a pattern.
indirect enum PatternNode: Sendable {
    case take(ByteSet)
    case sequence([PatternNode])
    case either([PatternNode])
    /// At least, at most (`nil`: without end).
    case repetition(PatternNode, Int, Int?)
    case assertion(TextPattern.Instruction)
}

/// Reads a pattern by recursive descent.
struct PatternParser {
    private let bytes: [UInt8]
    private let ignoresCase: Bool
    private var position = 0
    private var depth = 0

    init(_ text: String, ignoresCase: Bool) {
        bytes = Array(text.utf8)
        self.ignoresCase = ignoresCase
    }

    mutating func parse() throws(TextPatternError) -> PatternNode {
        let node = try alternatives()
        guard position == bytes.count else {
            throw TextPatternError("has a ) too many at position \(position + 1). Write \\) for it")
        }
        return node
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func accept(_ byte: Character) -> Bool {
        guard let current, current == byte.asciiValue else { return false }
        position += 1
        return true
    }

    private mutating func alternatives() throws(TextPatternError) -> PatternNode {
        depth += 1
        defer { depth -= 1 }
        guard depth <= TextPattern.depthMax else {
            throw TextPatternError(
                "nests groups deeper than \(TextPattern.depthMax). Use fewer groups"
            )
        }
        var choices = [try sequence()]
        while accept("|") { choices.append(try sequence()) }
        return choices.count == 1 ? choices[0] : .either(choices)
    }

    private mutating func sequence() throws(TextPatternError) -> PatternNode {
        var parts: [PatternNode] = []
        while let byte = current, byte != UInt8(ascii: "|"), byte != UInt8(ascii: ")") {
            parts.append(try repeated(try atom()))
        }
        return .sequence(parts)
    }

    private mutating func repeated(_ node: PatternNode) throws(TextPatternError) -> PatternNode {
        var node = node
        var count = 0
        while let bounds = try repetition() {
            count += 1
            guard count == 1 else {
                throw TextPatternError("repeats a repetition. Put it in a group: (a*)+")
            }
            // A lazy repetition finds the same texts.
            _ = accept("?")
            node = .repetition(node, bounds.0, bounds.1)
        }
        return node
    }

    private mutating func repetition() throws(TextPatternError) -> (Int, Int?)? {
        if accept("*") { return (0, nil) }
        if accept("+") { return (1, nil) }
        if accept("?") { return (0, 1) }
        guard current == UInt8(ascii: "{") else { return nil }
        position += 1
        let least = number()
        var most = least
        if accept(",") { most = current == UInt8(ascii: "}") ? nil : number() }
        guard accept("}"), let least, least <= most ?? Int.max,
            max(least, most ?? 0) <= TextPattern.repeatMax
        else {
            throw TextPatternError(
                "has a repetition that is not {m}, {m,} or {m,n} up to \(TextPattern.repeatMax)."
                    + " Write \\{ for a brace"
            )
        }
        return (least, most)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let byte = current, ByteSet.digit.contains(byte), (value ?? 0) < 10_000 {
            value = (value ?? 0) * 10 + Int(byte - 0x30)
            position += 1
        }
        return value
    }

    private mutating func atom() throws(TextPatternError) -> PatternNode {
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "."): return .take(.any)
        case UInt8(ascii: "^"): return .assertion(.atStart)
        case UInt8(ascii: "$"): return .assertion(.atEnd)
        case UInt8(ascii: "["): return .take(folded(try set()))
        case UInt8(ascii: "("): return try group()
        case UInt8(ascii: "\\"): return try escape()
        case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"), UInt8(ascii: "{"):
            throw TextPatternError("repeats nothing at position \(position). Put a \\ before it")
        default: return .take(folded(ByteSet([(byte, byte)])))
        }
    }

    private mutating func group() throws(TextPatternError) -> PatternNode {
        if accept("?") {
            guard accept(":") else {
                throw TextPatternError("has a group (?…) that is not (?:…). Use plain groups")
            }
        }
        let node = try alternatives()
        guard accept(")") else {
            throw TextPatternError("has a ( that is not closed. Write \\( for a parenthesis")
        }
        return node
    }

    private mutating func escape() throws(TextPatternError) -> PatternNode {
        guard let byte = current else {
            throw TextPatternError("ends in a \\. Write \\\\ for a backslash")
        }
        if byte == UInt8(ascii: "b") || byte == UInt8(ascii: "B") {
            position += 1
            return .assertion(.atBoundary(byte == UInt8(ascii: "b")))
        }
        return .take(folded(try escapedSet()))
    }

    /// The bytes that the escape behind a backslash stands for.
    private mutating func escapedSet() throws(TextPatternError) -> ByteSet {
        guard let byte = current else {
            throw TextPatternError("ends in a \\. Write \\\\ for a backslash")
        }
        position += 1
        switch byte {
        case UInt8(ascii: "d"): return .digit
        case UInt8(ascii: "D"): return ByteSet.digit.inverted
        case UInt8(ascii: "w"): return .word
        case UInt8(ascii: "W"): return ByteSet.word.inverted
        case UInt8(ascii: "s"): return .space
        case UInt8(ascii: "S"): return ByteSet.space.inverted
        case UInt8(ascii: "n"): return ByteSet([(0x0A, 0x0A)])
        case UInt8(ascii: "t"): return ByteSet([(0x09, 0x09)])
        case UInt8(ascii: "r"): return ByteSet([(0x0D, 0x0D)])
        case _ where ByteSet.word.contains(byte) && byte < 0x80 && byte != UInt8(ascii: "_"):
            let letter = Character(UnicodeScalar(byte))
            throw TextPatternError(
                "has \\\(letter), which is not known. Use \\d, \\w, \\s, \\b or literals"
            )
        default: return ByteSet([(byte, byte)])
        }
    }

    private mutating func set() throws(TextPatternError) -> ByteSet {
        let isInverted = accept("^")
        var result = ByteSet()
        var isFirst = true
        while let byte = current, isFirst || byte != UInt8(ascii: "]") {
            isFirst = false
            position += 1
            guard byte != UInt8(ascii: "\\") else {
                result.formUnion(try escapedSet())
                continue
            }
            guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "-"),
                bytes[position + 1] != UInt8(ascii: "]")
            else {
                result.insert(byte...byte)
                continue
            }
            let last = bytes[position + 1]
            position += 2
            guard byte <= last else {
                throw TextPatternError("has a range in [ ] that runs backwards. Swap its ends")
            }
            result.insert(byte...last)
        }
        guard accept("]") else {
            throw TextPatternError("has a [ that is not closed. Write \\[ for a bracket")
        }
        return isInverted ? folded(result).inverted : result
    }

    private func folded(_ set: ByteSet) -> ByteSet { ignoresCase ? set.foldingCase : set }
}

/// Makes instructions from the parts of a pattern; bounded.
struct PatternCompiler {
    private(set) var program: [TextPattern.Instruction] = []

    mutating func append(_ instruction: TextPattern.Instruction) throws(TextPatternError) {
        guard program.count < TextPattern.programMax else {
            throw TextPatternError("becomes too large. Use fewer or smaller repetitions")
        }
        program.append(instruction)
    }

    mutating func emit(_ node: PatternNode) throws(TextPatternError) {
        switch node {
        case .take(let set): try append(.take(set))
        case .assertion(let instruction): try append(instruction)
        case .sequence(let parts):
            for part in parts { try emit(part) }
        case .either(let choices): try emit(choices: choices)
        case .repetition(let part, let least, let most):
            for _ in 0..<least { try emit(part) }
            guard let most else { return try emit(loop: part) }
            for _ in least..<most {
                // Leaving early jumps only behind this one: the others are optional as well.
                let split = program.count
                try append(.split(split + 1, 0))
                try emit(part)
                program[split] = .split(split + 1, program.count)
            }
        }
    }

    private mutating func emit(choices: [PatternNode]) throws(TextPatternError) {
        var ends: [Int] = []
        for (index, choice) in choices.enumerated() {
            guard index + 1 < choices.count else {
                try emit(choice)
                break
            }
            let split = program.count
            try append(.split(split + 1, 0))
            try emit(choice)
            ends.append(program.count)
            try append(.jump(0))
            program[split] = .split(split + 1, program.count)
        }
        for end in ends { program[end] = .jump(program.count) }
    }

    private mutating func emit(loop part: PatternNode) throws(TextPatternError) {
        let split = program.count
        try append(.split(split + 1, 0))
        try emit(part)
        try append(.jump(split))
        program[split] = .split(split + 1, program.count)
    }
}

/// Builds and reads single messages of protocol v3.
enum PostgresWire {
    static let terminate = message("X", [])
    static let sync = message("S", [])
    static let flush = message("H", [])

    static func message(_ type: Character, _ body: [UInt8]) -> [UInt8] {
        [type.asciiValue ?? 0] + length(body.count + 4) + body
    }

    static func query(_ sql: String) -> [UInt8] { message("Q", text(sql)) }

    /// Prepares and runs a statement without parameters under names of our own, then forgets it.
    static func run(_ sql: String) -> [UInt8] {
        let name = text("chaos")
        return message("P", name + text(sql) + [0, 0])
            + message("B", name + name + [0, 0, 0, 0, 0, 0])
            + message("E", name + [0, 0, 0, 0])
            + close(statement: "chaos")
    }

    static func close(statement: String) -> [UInt8] {
        message("C", [UInt8(ascii: "S")] + text(statement))
    }

    static func close(portal: [UInt8]) -> [UInt8] {
        message("C", [UInt8(ascii: "P")] + portal + [0])
    }

    /// Runs a portal that does not exist: an error that aborts the transaction.
    static let failingExecute = message("E", text("chaos: no portal") + [0, 0, 0, 0])
    /// A statement that cannot be parsed: an error that aborts the transaction.
    static let failingQuery = query("chaos_injected_error")

    /// ErrorResponse.
    static func error(_ failure: SQLFailure, isFatal: Bool = false) -> [UInt8] {
        let severity = isFatal ? "FATAL" : "ERROR"
        let fields: [(Character, String)] = [
            ("S", severity), ("V", severity), ("C", failure.sqlState), ("M", failure.message),
            ("R", "chaos"),
        ]
        var body: [UInt8] = []
        for (field, value) in fields {
            body.append(field.asciiValue ?? 0)
            body += text(value)
        }
        return message("E", body + [0])
    }

    static func text(_ text: String) -> [UInt8] { Array(text.utf8) + [0] }

    private static func length(_ count: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) }
    }
}

/// Reading a message from front to back; what is not there reads as nothing.
extension Span<UInt8> {
    /// A byte at `offset`, which is moved behind it.
    func byte(at offset: inout Int) -> UInt8 {
        guard offset < count else { return 0 }
        offset += 1
        return self[offset - 1]
    }

    /// A big-endian number; four bytes have a sign.
    func number(bytes size: Int, at offset: inout Int) -> Int {
        var value: UInt32 = 0
        for _ in 0..<size { value = value << 8 | UInt32(byte(at: &offset)) }
        return size == 4 ? Int(Int32(bitPattern: value)) : Int(value)
    }

    /// The bytes up to the next zero byte or the end; the zero byte is taken as well.
    func text(at offset: inout Int) -> [UInt8] {
        let start = offset
        skipText(at: &offset)
        let isEnded = offset > start && self[offset - 1] == 0
        return [UInt8](extracting(start..<(isEnded ? offset - 1 : offset)))
    }

    func skipText(at offset: inout Int) {
        while offset < count {
            offset += 1
            if self[offset - 1] == 0 { return }
        }
    }

    /// Whether the bytes from `offset` to the end are this text and a zero byte.
    func isText(_ text: StaticString, at offset: Int) -> Bool {
        let size = text.utf8CodeUnitCount
        guard count - offset == size + 1, self[count - 1] == 0 else { return false }
        return text.withUTF8Buffer { buffer in
            for index in 0..<size where unsafe buffer[index] != self[offset + index] {
                return false
            }
            return true
        }
    }
}

extension Array<UInt8> {
    /// A copy.
    init(_ bytes: Span<UInt8>) {
        self.init()
        reserveCapacity(bytes.count)
        for index in bytes.indices { append(bytes[index]) }
    }
}

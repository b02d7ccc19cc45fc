/// Cuts one direction of a PostgreSQL v3 session into messages as the bytes pass by.
///
/// A value of fixed size: it remembers where it is and the first bytes of the message's body, never
/// the message. Chunks may be cut anywhere. PostgreSQL documentation, chapter "Message Formats".
struct MessageFramer: Sendable {
    /// How many bytes of a body are remembered; enough for every command tag that matters.
    static let captureSize = 32
    /// PostgreSQL's own bound for a message (`PQ_LARGE_MESSAGE_LIMIT`), bytes with the length
    /// field.
    static let lengthMax = 0x3fff_ffff
    /// PostgreSQL's own bound for a start-up packet (`MAX_STARTUP_PACKET_LENGTH`), bytes.
    static let startupLengthMax = 10_000

    /// Whether the next message has a type byte in front; start-up packets have none.
    var hasTypeByte: Bool
    /// Where the message under way began, counted from the start of the current chunk: negative
    /// when it began in an earlier one.
    private var start = 0
    private var headerCount = 0
    private var header: UInt64 = 0
    private var remaining = 0
    private var message = Message()

    /// One message: its type and the first bytes of its body.
    struct Message: Sendable {
        /// The type byte; 0 for a start-up packet.
        var type: UInt8 = 0
        /// Bytes of the body, without type and length.
        var bodyLength = 0
        /// Where it began in the chunk in which it ended; negative: in an earlier chunk.
        var start = 0
        fileprivate(set) var capturedCount = 0
        fileprivate var captured = InlineArray<32, UInt8>(repeating: 0)

        /// A byte of the body; 0 beyond what was remembered.
        subscript(index: Int) -> UInt8 {
            index < capturedCount ? captured[index] : 0
        }

        /// Four bytes of the body as a big-endian number.
        func word(at index: Int) -> UInt32 {
            (0..<4).reduce(0) { $0 << 8 | UInt32(self[index + $1]) }
        }

        /// Whether the body is this text and a zero byte.
        func isText(_ text: StaticString) -> Bool {
            let count = text.utf8CodeUnitCount
            guard bodyLength == count + 1, capturedCount > count, self[count] == 0 else {
                return false
            }
            return text.withUTF8Buffer { buffer in
                for index in 0..<count where unsafe buffer[index] != captured[index] {
                    return false
                }
                return true
            }
        }
    }

    /// What the next bytes meant.
    enum Outcome: Sendable {
        /// The chunk is used up.
        case exhausted
        /// A message ended; more may follow in the chunk.
        case message(Message)
        /// These are not PostgreSQL messages; the framer must not be asked again.
        case malformed
    }

    init(hasTypeByte: Bool) {
        self.hasTypeByte = hasTypeByte
    }

    /// Whether the last byte seen was the last of a message.
    var isAtBoundary: Bool { headerCount == 0 && remaining == 0 }

    /// Reads on from `offset`, which is moved behind what was read.
    ///
    /// `bytes`: the chunk; `offset`: where to go on, 0 … `bytes.count`; `wanted`: messages of other
    /// types are skipped, bit n stands for the type byte 64 + n.
    mutating func next(in bytes: Span<UInt8>, at offset: inout Int, wanted: UInt64) -> Outcome {
        while offset < bytes.count {
            if remaining > 0 {
                takeBody(bytes, &offset)
                if remaining > 0 { break }
                if let ended = endMessage(wanted) { return .message(ended) }
                continue
            }
            if headerCount == 0 { start = offset }
            guard takeHeader(bytes, &offset) else { continue }
            guard beginMessage() else { return .malformed }
            if remaining == 0, let ended = endMessage(wanted) { return .message(ended) }
        }
        start -= bytes.count
        return .exhausted
    }

    /// Takes what is there of a header; whether it is whole.
    private mutating func takeHeader(_ bytes: Span<UInt8>, _ offset: inout Int) -> Bool {
        let size = hasTypeByte ? 5 : 4
        while headerCount < size, offset < bytes.count {
            header = header << 8 | UInt64(bytes[offset])
            headerCount += 1
            offset += 1
        }
        return headerCount == size
    }

    private mutating func beginMessage() -> Bool {
        let length = Int(header & 0xffff_ffff)
        let limit = hasTypeByte ? MessageFramer.lengthMax : MessageFramer.startupLengthMax
        guard length >= (hasTypeByte ? 4 : 8), length <= limit else { return false }
        message.type = hasTypeByte ? UInt8(truncatingIfNeeded: header >> 32) : 0
        message.bodyLength = length - 4
        message.capturedCount = 0
        remaining = length - 4
        headerCount = 0
        header = 0
        return true
    }

    private mutating func takeBody(_ bytes: Span<UInt8>, _ offset: inout Int) {
        let count = min(remaining, bytes.count - offset)
        let room = min(count, MessageFramer.captureSize - message.capturedCount)
        for index in 0..<max(0, room) {
            message.captured[message.capturedCount + index] = bytes[offset + index]
        }
        message.capturedCount += max(0, room)
        remaining -= count
        offset += count
    }

    private mutating func endMessage(_ wanted: UInt64) -> Message? {
        guard message.type == 0 || MessageFramer.contains(wanted, message.type) else { return nil }
        message.start = start
        return message
    }

    /// The set of type bytes for `wanted`; only types 64 … 127 exist in the protocol.
    static func set(_ types: StaticString) -> UInt64 {
        types.withUTF8Buffer { buffer in
            unsafe buffer.reduce(0) { $0 | 1 << UInt64($1 & 63) }
        }
    }

    private static func contains(_ set: UInt64, _ type: UInt8) -> Bool {
        type >= 64 && type < 128 && set >> UInt64(type & 63) & 1 == 1
    }
}

/// Cuts one direction of a PostgreSQL v3 session into messages as the bytes pass by.
///
/// A value of fixed size: it remembers where it is, never the message. Chunks may be cut anywhere.
/// A message is told as soon as so much of it was seen as its reader needs; what follows of it is
/// then skipped, so that a message of any length costs nothing. PostgreSQL documentation, chapter
/// "Message Formats".
struct MessageFramer: Sendable {
    /// PostgreSQL's own bound for a message (`PQ_LARGE_MESSAGE_LIMIT`), bytes with the length
    /// field.
    static let lengthMax = 0x3fff_ffff
    /// PostgreSQL's own bound for a start-up packet (`MAX_STARTUP_PACKET_LENGTH`), bytes.
    static let startupLengthMax = 10_000
    /// So much of a body is seen before a longer message is told, bytes.
    static let prefixMax = 64 << 10

    /// Whether the next message has a type byte in front; start-up packets have none.
    var hasTypeByte: Bool
    /// The type byte of the message that was told last; 0 for a start-up packet.
    private(set) var type: UInt8 = 0
    /// Bytes of its body, without type and length.
    private(set) var bodyLength = 0
    /// Where the message began in the current chunk: negative when it began in an earlier one.
    private(set) var start = 0
    /// Bytes of the body that come after the message was told.
    private(set) var rest = 0
    private var headerCount = 0
    private var header: UInt64 = 0
    /// Bytes of the body to be seen before the message is told.
    private var pending = 0
    private var isTellable = false

    /// What the next bytes meant.
    enum Outcome: Sendable, Equatable {
        /// The chunk is used up.
        case exhausted
        /// A message is told; `type`, `bodyLength`, `start` and `rest` describe it.
        case message
        /// These are not PostgreSQL messages; the framer must not be asked again.
        case malformed
    }

    init(hasTypeByte: Bool) {
        self.hasTypeByte = hasTypeByte
    }

    /// Whether the last byte seen was the last of a message.
    var isAtBoundary: Bool { headerCount == 0 && pending == 0 && rest == 0 }
    /// Whether a message has begun that is not told and may still be.
    var isUndecided: Bool { headerCount > 0 || pending > 0 }
    /// Bytes of a message's head.
    var headSize: Int { type == 0 ? 4 : 5 }

    /// Reads on from `offset`, which is moved behind what was read.
    ///
    /// Messages of types that are not `wanted` are skipped; those of types in `bodies` are told
    /// when their bodies were seen, the others at their heads.
    mutating func next(
        in bytes: Span<UInt8>,
        at offset: inout Int,
        wanted: TypeSet,
        bodies: TypeSet
    ) -> Outcome {
        while offset < bytes.count {
            if pending > 0 {
                let count = min(pending, bytes.count - offset)
                pending -= count
                offset += count
                if pending == 0 { return .message }
                break
            }
            if rest > 0 {
                skipRest(in: bytes, at: &offset)
                continue
            }
            if headerCount == 0 { start = offset }
            guard takeHeader(bytes, &offset) else { continue }
            guard beginMessage(wanted, bodies) else { return .malformed }
            if isTellable, pending == 0 { return .message }
        }
        start -= bytes.count
        return .exhausted
    }

    /// Moves over what is there of the rest of the message that was told.
    mutating func skipRest(in bytes: Span<UInt8>, at offset: inout Int) {
        let count = min(rest, bytes.count - offset)
        rest -= count
        offset += count
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

    private mutating func beginMessage(_ wanted: TypeSet, _ bodies: TypeSet) -> Bool {
        let length = Int(header & 0xffff_ffff)
        let limit = hasTypeByte ? MessageFramer.lengthMax : MessageFramer.startupLengthMax
        guard length >= (hasTypeByte ? 4 : 8), length <= limit else { return false }
        type = hasTypeByte ? UInt8(truncatingIfNeeded: header >> 32) : 0
        bodyLength = length - 4
        headerCount = 0
        header = 0
        isTellable = type == 0 || wanted.contains(type)
        let isSeen = isTellable && (type == 0 || bodies.contains(type))
        pending = isSeen ? min(bodyLength, MessageFramer.prefixMax) : 0
        rest = bodyLength - pending
        return true
    }
}

/// A set of message types, which are ASCII.
struct TypeSet: Sendable, Equatable {
    private var low: UInt64
    private var high: UInt64

    init(_ types: StaticString) {
        (low, high) = (0, 0)
        for byte in "\(types)".utf8 where byte < 128 {
            if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte - 64) }
        }
    }

    private init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    static let all = TypeSet(low: .max, high: .max)

    func subtracting(_ other: TypeSet) -> TypeSet {
        TypeSet(low: low & ~other.low, high: high & ~other.high)
    }

    func contains(_ type: UInt8) -> Bool {
        guard type < 128 else { return false }
        return (type < 64 ? low : high) >> UInt64(type & 63) & 1 == 1
    }
}

/// Takes a body out of its framing, without copying: it says which bytes are the body.
struct BodyDecoder: Sendable {
    private enum State: Sendable {
        case length(Int)
        case chunkSize
        case chunkData(Int)
        case chunkEnd
        case trailers(LineScanner)
        case untilClose
    }

    enum Step {
        case needMore
        case data(Range<Int>)
        case end(HTTPHeaders)
    }

    private var state: State
    private let limits: HTTPLimits
    private var total = 0
    /// Bytes of chunk-size lines beyond what their chunks excuse: tiny chunks with long extensions
    /// are a way to make a server work for nothing.
    private var overhead = 0
    private static let overheadMax = 16 * 1024

    /// Errors: a length above the limit on bodies.
    init(_ framing: HTTPFraming, _ limits: HTTPLimits) throws(HTTPParseError) {
        self.limits = limits
        switch framing {
        case .none: state = .length(0)
        case .length(let count):
            guard count <= limits.bodyBytesMax else { throw .bodyTooLarge }
            state = .length(count)
        case .chunked: state = .chunkSize
        case .untilClose: state = .untilClose
        }
    }

    var isUntilClose: Bool {
        if case .untilClose = state { true } else { false }
    }

    /// The next piece of the body in `bytes`; `consumed` are the bytes to drop before the next
    /// call.
    mutating func next(_ bytes: MessageBytes) throws(HTTPParseError) -> (Step, consumed: Int) {
        var offset = 0
        while true {
            switch state {
            case .length(0):
                return (.end([:]), offset)
            case .length(let remaining):
                let taken = min(remaining, bytes.count - offset)
                guard taken > 0 else { return (.needMore, offset) }
                state = .length(remaining - taken)
                return (.data(offset..<(offset + taken)), offset + taken)
            case .untilClose:
                guard offset < bytes.count else { return (.needMore, offset) }
                try count(bytes.count - offset)
                return (.data(offset..<bytes.count), bytes.count)
            case .chunkSize:
                guard let end = try chunkSize(bytes, from: offset) else {
                    return (.needMore, offset)
                }
                offset = end
            case .chunkData(let remaining):
                let taken = min(remaining, bytes.count - offset)
                guard taken > 0 else { return (.needMore, offset) }
                state = taken == remaining ? .chunkEnd : .chunkData(remaining - taken)
                return (.data(offset..<(offset + taken)), offset + taken)
            case .chunkEnd:
                guard let end = try chunkEnd(bytes, from: offset) else {
                    return (.needMore, offset)
                }
                offset = end
            case .trailers(var scanner):
                // The scanner counts from the first byte behind the last chunk.
                let rest = bytes.suffix(from: offset)
                let end = try scanner.end(in: rest, limits: limits)
                state = .trailers(scanner)
                guard let end else { return (.needMore, offset) }
                return (.end(try trailers(rest, end)), offset + end)
            }
        }
    }

    /// Reads a chunk-size line; returns the position behind it.
    private mutating func chunkSize(
        _ bytes: MessageBytes,
        from offset: Int
    ) throws(HTTPParseError) -> Int? {
        let limit = min(bytes.count, offset + limits.chunkLineBytesMax)
        guard let feed = bytes.firstIndex(of: ASCII.lineFeed, in: offset..<limit) else {
            guard limit - offset < limits.chunkLineBytesMax else {
                throw .bad("a chunk-size line is too long. Leave out chunk extensions.")
            }
            return nil
        }
        guard feed > offset, bytes[feed - 1] == ASCII.carriageReturn else {
            throw .bad("a chunk-size line ends in LF without CR.")
        }
        let line = offset..<(feed - 1)
        let digitsEnd = bytes.firstIndex(of: UInt8(ascii: ";"), in: line) ?? line.upperBound
        guard let size = bytes.hexadecimal(line.lowerBound..<digitsEnd),
            bytes.isFieldContent(digitsEnd..<line.upperBound)
        else {
            throw .bad("a chunk size is not a hexadecimal number.")
        }
        overhead = max(0, overhead + line.count + 2 - 16 - 2 * min(size, 1 << 20))
        guard overhead <= Self.overheadMax else {
            throw .bad("the chunks carry more extensions than data.")
        }
        try count(size)
        state = size == 0 ? .trailers(LineScanner(.trailers)) : .chunkData(size)
        return feed + 1
    }

    /// Reads the CR LF behind a chunk's data.
    private mutating func chunkEnd(
        _ bytes: MessageBytes,
        from offset: Int
    ) throws(HTTPParseError) -> Int? {
        guard offset < bytes.count else { return nil }
        guard bytes[offset] == ASCII.carriageReturn else { throw Self.chunkNotEnded }
        guard offset + 1 < bytes.count else { return nil }
        guard bytes[offset + 1] == ASCII.lineFeed else { throw Self.chunkNotEnded }
        state = .chunkSize
        return offset + 2
    }

    private func trailers(
        _ bytes: MessageBytes,
        _ end: Int
    ) throws(HTTPParseError) -> HTTPHeaders {
        guard end > 2 else { return [:] }
        let section = try FieldSection(bytes, 0..<end)
        guard section.contentLength == nil, section.transferEncodings == 0, section.hosts == 0
        else {
            throw .bad("a trailer field would change the framing or the target of the message.")
        }
        return section.headers
    }

    private mutating func count(_ size: Int) throws(HTTPParseError) {
        guard size <= limits.bodyBytesMax - total else { throw .bodyTooLarge }
        total += size
    }

    private static let chunkNotEnded = HTTPParseError.bad("a chunk is longer than its size says.")
}

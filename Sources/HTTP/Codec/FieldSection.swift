/// The header fields of one message, with what the framing rules need to know of them.
struct FieldSection {
    var headers = HTTPHeaders()
    var contentLength: Int?
    var transferEncodings = 0
    var isChunked = false
    var hosts = 0
    var wantsClose = false
    var wantsKeepAlive = false
    var expectation: Expectation = .none

    enum Expectation { case none, continues, unknown }

    /// Parses the lines in `range`, which a `LineScanner` has found to end in CR LF each, the last
    /// of them empty.
    init(_ bytes: MessageBytes, _ range: Range<Int>) throws(HTTPParseError) {
        headers.reserveCapacity(8)
        var lineStart = range.lowerBound
        while lineStart < range.upperBound - 2 {
            let rest = lineStart..<range.upperBound
            guard let feed = bytes.firstIndex(of: ASCII.lineFeed, in: rest) else { break }
            try parseLine(bytes, lineStart..<(feed - 1))
            lineStart = feed + 1
        }
    }

    private mutating func parseLine(
        _ bytes: MessageBytes,
        _ line: Range<Int>
    ) throws(HTTPParseError) {
        let first = bytes[line.lowerBound]
        guard first != ASCII.space, first != ASCII.tab else {
            throw .bad("a header field is folded over two lines. Write it on one line.")
        }
        guard let colon = bytes.firstIndex(of: ASCII.colon, in: line) else {
            throw .bad("a header line has no colon.")
        }
        let name = line.lowerBound..<colon
        guard bytes.isToken(name) else {
            throw .bad("a header field's name is empty or has a character that is not allowed.")
        }
        let value = bytes.trimmed((colon + 1)..<line.upperBound)
        guard bytes.isFieldContent(value) else {
            throw .bad("a header field's value has a control character.")
        }
        try note(bytes, name, value)
        headers.append(bytes.string(name), bytes.string(value))
    }

    /// Remembers the fields that decide where the message ends.
    private mutating func note(
        _ bytes: MessageBytes,
        _ name: Range<Int>,
        _ value: Range<Int>
    ) throws(HTTPParseError) {
        switch name.count {
        case 4 where bytes.equals(name, "host"):
            hosts += 1
        case 6 where bytes.equals(name, "expect"):
            expectation = bytes.equals(value, "100-continue") ? .continues : .unknown
        case 10 where bytes.equals(name, "connection"):
            noteConnection(bytes, value)
        case 14 where bytes.equals(name, "content-length"):
            guard let length = bytes.decimal(value) else {
                throw .bad("Content-Length is not a number of bytes.")
            }
            if let contentLength, contentLength != length {
                throw .bad("two Content-Length fields differ.")
            }
            contentLength = length
        case 17 where bytes.equals(name, "transfer-encoding"):
            transferEncodings += 1
            isChunked = bytes.equals(value, "chunked")
        default:
            break
        }
    }

    private mutating func noteConnection(_ bytes: MessageBytes, _ value: Range<Int>) {
        var start = value.lowerBound
        while start <= value.upperBound {
            let rest = start..<value.upperBound
            let comma = bytes.firstIndex(of: UInt8(ascii: ","), in: rest) ?? value.upperBound
            let token = bytes.trimmed(start..<comma)
            if bytes.equals(token, "close") { wantsClose = true }
            if bytes.equals(token, "keep-alive") { wantsKeepAlive = true }
            start = comma + 1
        }
    }

    /// Whether the sender will take another message on this connection.
    func keepsAlive(minorVersion: Int) -> Bool {
        wantsClose ? false : (minorVersion >= 1 || wantsKeepAlive)
    }

    /// The framing that the fields declare, `nil` when they declare none.
    ///
    /// Whatever two parties on the way might read differently is refused (RFC 9112 §6.1, §6.3).
    func declaredFraming(minorVersion: Int) throws(HTTPParseError) -> HTTPFraming? {
        guard transferEncodings > 0 else { return contentLength.map { .length($0) } }
        guard contentLength == nil else {
            throw .bad("Transfer-Encoding and Content-Length are both present. Send one of them.")
        }
        guard minorVersion >= 1 else {
            throw .bad("Transfer-Encoding is present in an HTTP/1.0 message.")
        }
        guard transferEncodings == 1, isChunked else {
            throw HTTPParseError(
                status: 501,
                "a transfer coding other than chunked is used. Use chunked alone."
            )
        }
        return .chunked
    }
}

/// The head of a request.
package struct HTTPRequestHead: Sendable, Equatable {
    package var method: String
    package var target: String
    /// HTTP/1.x.
    package var minorVersion: Int
    package var headers: HTTPHeaders
    package var framing: HTTPFraming
    /// Whether the client will take another response on this connection.
    package var keepsAlive: Bool
    /// Whether the client waits for `100 Continue` before it sends its body.
    package var expectsContinue: Bool
}

/// Reads requests from a stream of bytes; a value without I/O.
///
/// The caller keeps the unread bytes, passes all of them, drops `consumed`, and calls again until
/// `needMore`. After an error the parser stays in error: the connection cannot be read any further.
package struct HTTPRequestParser: Sendable {
    private enum State: Sendable {
        case head(LineScanner)
        case body(BodyDecoder)
        case failed(HTTPParseError)
    }

    private var state: State = .head(LineScanner(.request))
    private let limits: HTTPLimits

    package init(limits: HTTPLimits = .default) {
        self.limits = limits
    }

    /// Whether the next byte begins a request.
    package var isBetweenMessages: Bool {
        if case .head = state { true } else { false }
    }

    /// Reads on in the unread bytes.
    ///
    /// Errors: what is not a request or beyond the limits, with the status to refuse it with.
    package mutating func next(
        _ bytes: Span<UInt8>
    ) throws(HTTPParseError) -> HTTPStep<HTTPRequestHead> {
        do throws(HTTPParseError) {
            return try MessageBytes.with(bytes) { (view) throws(HTTPParseError) in
                try advance(view)
            }
        } catch {
            state = .failed(error)
            throw error
        }
    }

    private mutating func advance(
        _ bytes: MessageBytes
    ) throws(HTTPParseError) -> HTTPStep<HTTPRequestHead> {
        switch state {
        case .failed(let error):
            throw error
        case .head(var scanner):
            let end = try scanner.end(in: bytes, limits: limits)
            state = .head(scanner)
            guard let end else { return HTTPStep(.needMore, consumed: 0) }
            let head = try Self.head(bytes, scanner.start..<end)
            state = .body(try BodyDecoder(head.framing, limits))
            return HTTPStep(.head(head), consumed: end)
        case .body(var decoder):
            let (step, consumed) = try decoder.next(bytes)
            state = .body(decoder)
            switch step {
            case .needMore: return HTTPStep(.needMore, consumed: consumed)
            case .data(let range): return HTTPStep(.body(range), consumed: consumed)
            case .end(let trailers):
                state = .head(LineScanner(.request))
                return HTTPStep(.end(trailers: trailers), consumed: consumed)
            }
        }
    }

    private static func head(
        _ bytes: MessageBytes,
        _ range: Range<Int>
    ) throws(HTTPParseError) -> HTTPRequestHead {
        guard let feed = bytes.firstIndex(of: ASCII.lineFeed, in: range) else {
            throw .bad("the request has no request line.")
        }
        let line = range.lowerBound..<(feed - 1)
        let malformed = HTTPParseError.bad(
            "the request line is not `METHOD target HTTP/1.1`."
        )
        guard let first = bytes.firstIndex(of: ASCII.space, in: line),
            let second = bytes.firstIndex(of: ASCII.space, in: (first + 1)..<line.upperBound),
            bytes.isToken(line.lowerBound..<first),
            bytes.isTarget((first + 1)..<second)
        else { throw malformed }
        let minor = try HTTPVersion.minor(bytes, (second + 1)..<line.upperBound)
        let section = try FieldSection(bytes, (feed + 1)..<range.upperBound)
        let hosts = section.hosts
        guard hosts == 1 || (hosts == 0 && minor == 0) else {
            throw .bad("a request needs exactly one Host field; this one has \(hosts).")
        }
        guard section.expectation != .unknown else {
            throw HTTPParseError(status: 417, "only the expectation 100-continue is known.")
        }
        let framing = try section.declaredFraming(minorVersion: minor) ?? .none
        return HTTPRequestHead(
            method: bytes.string(line.lowerBound..<first),
            target: bytes.string((first + 1)..<second),
            minorVersion: minor,
            headers: section.headers,
            framing: framing,
            keepsAlive: section.keepsAlive(minorVersion: minor),
            expectsContinue: section.expectation == .continues && minor >= 1
                && framing != .none && framing != .length(0)
        )
    }
}

/// The version at the ends of start lines.
enum HTTPVersion {
    /// The minor version of `HTTP/1.x`.
    ///
    /// Errors: 505 for another major version, 400 for what is no version.
    static func minor(_ bytes: MessageBytes, _ range: Range<Int>) throws(HTTPParseError) -> Int {
        let start = range.lowerBound
        guard range.count == 8, bytes.equals(start..<(start + 5), "http/"),
            bytes[start] == UInt8(ascii: "H"), bytes[start + 6] == UInt8(ascii: "."),
            let major = ASCII.decimalValue(bytes[start + 5]),
            let minor = ASCII.decimalValue(bytes[start + 7])
        else { throw .bad("the first line has no version such as HTTP/1.1.") }
        guard major == 1 else {
            throw HTTPParseError(status: 505, "only HTTP/1.0 and HTTP/1.1 are spoken here.")
        }
        return minor
    }
}

/// The head of a response.
package struct HTTPResponseHead: Sendable, Equatable {
    /// 100 to 999.
    package var status: Int
    package var reason: String
    /// HTTP/1.x.
    package var minorVersion: Int
    package var headers: HTTPHeaders
    package var framing: HTTPFraming
    /// Whether the server will take another request on this connection.
    package var keepsAlive: Bool
}

/// Reads responses from a stream of bytes; a value without I/O.
///
/// Used like `HTTPRequestParser`. Interim responses (1xx) are reported like any other; `101` ends
/// the HTTP on the connection: what follows is reported as its body.
package struct HTTPResponseParser: Sendable {
    private enum State: Sendable {
        case head(LineScanner)
        case body(BodyDecoder)
        case failed(HTTPParseError)
    }

    private var state: State = .head(LineScanner(.response))
    private let limits: HTTPLimits
    /// Set before a response is read whether it answers HEAD: such a response never has a body.
    package var answersHead = false

    package init(limits: HTTPLimits = .default) {
        self.limits = limits
    }

    /// Whether the next byte begins a response.
    package var isBetweenMessages: Bool {
        if case .head = state { true } else { false }
    }

    /// Reads on in the unread bytes.
    ///
    /// Errors: what is not a response or beyond the limits.
    package mutating func next(
        _ bytes: Span<UInt8>
    ) throws(HTTPParseError) -> HTTPStep<HTTPResponseHead> {
        do throws(HTTPParseError) {
            return try MessageBytes.with(bytes) { (view) throws(HTTPParseError) in
                try advance(view)
            }
        } catch {
            state = .failed(error)
            throw error
        }
    }

    /// Tells the parser that the connection has ended; `unread` is what `next` did not consume.
    ///
    /// Returns whether that was the end of a body which lasts until then.
    /// Errors: the connection ended inside a response.
    package mutating func finish(unread: Int) throws(HTTPParseError) -> Bool {
        switch state {
        case .failed(let error): throw error
        case .head where unread == 0: return false
        case .body(let decoder) where decoder.isUntilClose:
            state = .head(LineScanner(.response))
            return true
        case .head, .body:
            throw .bad("the connection ended in the middle of a response.")
        }
    }

    private mutating func advance(
        _ bytes: MessageBytes
    ) throws(HTTPParseError) -> HTTPStep<HTTPResponseHead> {
        switch state {
        case .failed(let error):
            throw error
        case .head(var scanner):
            let end = try scanner.end(in: bytes, limits: limits)
            state = .head(scanner)
            guard let end else { return HTTPStep(.needMore, consumed: 0) }
            let head = try head(bytes, scanner.start..<end)
            state = .body(try BodyDecoder(head.framing, limits))
            return HTTPStep(.head(head), consumed: end)
        case .body(var decoder):
            let (step, consumed) = try decoder.next(bytes)
            state = .body(decoder)
            switch step {
            case .needMore: return HTTPStep(.needMore, consumed: consumed)
            case .data(let range): return HTTPStep(.body(range), consumed: consumed)
            case .end(let trailers):
                state = .head(LineScanner(.response))
                return HTTPStep(.end(trailers: trailers), consumed: consumed)
            }
        }
    }

    private func head(
        _ bytes: MessageBytes,
        _ range: Range<Int>
    ) throws(HTTPParseError) -> HTTPResponseHead {
        guard let feed = bytes.firstIndex(of: ASCII.lineFeed, in: range) else {
            throw .bad("the response has no status line.")
        }
        let line = range.lowerBound..<(feed - 1)
        guard line.count >= 12, bytes[line.lowerBound + 8] == ASCII.space else {
            throw Self.malformed
        }
        let minor = try HTTPVersion.minor(bytes, line.lowerBound..<(line.lowerBound + 8))
        let digits = (line.lowerBound + 9)..<(line.lowerBound + 12)
        guard let status = bytes.decimal(digits), status >= 100 else { throw Self.malformed }
        // The space before an empty reason phrase is often left out.
        let reason = min(digits.upperBound + 1, line.upperBound)..<line.upperBound
        guard line.count == 12 || bytes[digits.upperBound] == ASCII.space,
            bytes.isFieldContent(reason)
        else { throw Self.malformed }
        let section = try FieldSection(bytes, (feed + 1)..<range.upperBound)
        let declared = try section.declaredFraming(minorVersion: minor)
        let framing = framing(status: status, declared)
        return HTTPResponseHead(
            status: status,
            reason: bytes.string(reason),
            minorVersion: minor,
            headers: section.headers,
            framing: framing,
            keepsAlive: framing != .untilClose && section.keepsAlive(minorVersion: minor)
        )
    }

    /// The rules of RFC 9112 §6.3 in their order.
    private func framing(status: Int, _ declared: HTTPFraming?) -> HTTPFraming {
        if status == 101 { return .untilClose }
        if answersHead || HTTPStatus.isBodyless(status) { return .none }
        return declared ?? .untilClose
    }

    private static let malformed = HTTPParseError.bad(
        "the status line is not `HTTP/1.1 200 reason`."
    )
}

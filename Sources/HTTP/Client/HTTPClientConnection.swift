import EventLoop

/// One connection of a client: sends a request, reads its response.
///
/// `@unchecked Sendable` because it is confined to the client's loop, where its waiters run too.
final class HTTPClientConnection: @unchecked Sendable {
    private let wire: Wire
    private var parser: HTTPResponseParser
    private var output: [UInt8] = []
    /// Whether a response was received on it already: then it may be stale.
    private(set) var isReused = false
    /// Whether another request may be sent: the last response was complete and the server keeps on.
    private(set) var isReusable = true
    /// When it was last given back, on the monotonic clock.
    var idleSince: Int64 = 0
    private var isExpired = false

    /// Interim responses (1xx) before the final one.
    private static let interimMax = 16

    init(stream: EventLoop.Stream, loop: Loop, limits: HTTPLimits) {
        wire = Wire(stream: stream, loop: loop)
        parser = HTTPResponseParser(limits: limits)
    }

    /// Whether the server has neither closed it nor said anything out of turn.
    var isFresh: Bool { wire.isQuiet }

    func close() { wire.stream.close() }

    /// Makes whoever waits on this connection fail with a timeout.
    func expire() {
        isExpired = true
        wire.stop()
    }

    /// Makes whoever waits on this connection fail.
    func stop() { wire.stop() }

    /// How an exchange failed: what decides whether it may be repeated.
    struct Failure: Error {
        var error: HTTPError
        /// The connection ended without a byte of a response: a stale keep-alive connection does
        /// so.
        var looksStale: Bool
    }

    /// Sends a request and receives its response.
    ///
    /// Errors: `Failure`; the connection is then not reusable.
    func exchange(
        _ method: String,
        _ location: HTTPLocation,
        _ headers: HTTPHeaders,
        _ body: [UInt8]
    ) async throws(Failure) -> HTTPResponse {
        let start = wire.sentCount
        var hasResponse = false
        isReusable = false
        do {
            encode(method, location, headers, body)
            try await wire.send(output)
            output.removeAll(keepingCapacity: output.capacity <= 64 * 1024)
            parser.answersHead = method == "HEAD"
            let response = try await receive(&hasResponse)
            isReused = true
            return response
        } catch {
            let isUnsent = wire.sentCount == start
            throw Failure(
                error: httpError(error, method, location, isDefinite: isUnsent),
                looksStale: isReused && !hasResponse && wire.unreadCount == 0
                    && isBroken(error) && !isExpired
            )
        }
    }

    private func encode(
        _ method: String,
        _ location: HTTPLocation,
        _ headers: HTTPHeaders,
        _ body: [UInt8]
    ) {
        // A length of 0 is said for methods that usually have a body (RFC 9110 §8.6).
        let hasBody = !body.isEmpty || method == "POST" || method == "PUT" || method == "PATCH"
        output.removeAll(keepingCapacity: true)
        HTTPEncoder.appendRequestHead(
            method: method,
            target: location.target,
            host: location.host,
            headers: headers,
            framing: hasBody ? .length(body.count) : .none,
            to: &output
        )
        output.append(contentsOf: body)
    }

    private func receive(_ hasResponse: inout Bool) async throws -> HTTPResponse {
        var head: HTTPResponseHead?
        var body: [UInt8] = []
        var interims = 0
        while true {
            let step = try wire.parse { (unread) throws(HTTPParseError) in
                try parser.next(unread)
            }
            switch step.parsed {
            case .head(let parsed):
                hasResponse = true
                head = parsed
                if parsed.status == 101 {
                    throw HTTPParseError(status: 400, "the server switches protocols unasked.")
                }
                if case .length(let count) = parsed.framing { body.reserveCapacity(count) }
            case .body(let range):
                wire.copy(range, to: &body)
            case .end:
                wire.consume(step.consumed)
                guard let parsed = head else { continue }
                if parsed.status < 200 {
                    interims += 1
                    guard interims <= Self.interimMax else {
                        throw HTTPParseError(
                            status: 400,
                            "the server sends interim responses only."
                        )
                    }
                    head = nil
                    continue
                }
                isReusable = parsed.keepsAlive && wire.unreadCount == 0
                return HTTPResponse(status: parsed.status, headers: parsed.headers, body: body)
            case .needMore:
                wire.consume(step.consumed)
                if try await wire.receive() > 0 { continue }
                // An expired connection was ended by us: its body may not be whole.
                guard let parsed = head, !isExpired,
                    (try? parser.finish(unread: wire.unreadCount)) == true
                else { throw ConnectionClosed() }
                return HTTPResponse(status: parsed.status, headers: parsed.headers, body: body)
            }
            wire.consume(step.consumed)
        }
    }

    private struct ConnectionClosed: Error {}

    private func isBroken(_ error: any Error) -> Bool {
        error is ConnectionClosed || error is SystemError
    }

    private func httpError(
        _ error: any Error,
        _ method: String,
        _ location: HTTPLocation,
        isDefinite: Bool
    ) -> HTTPError {
        let place = "\(method) \(location.target) at \(location.authority)"
        let (code, reason): (HTTPError.Code, String)
        switch error {
        case _ where isExpired:
            (code, reason) = (.timeout, "no response in time")
        case is CancellationError:
            (code, reason) = (.cancelled, "the request was cancelled")
        case is ConnectionClosed:
            (code, reason) = (.closed, "the connection was closed before a response was complete")
        case let error as HTTPParseError:
            (code, reason) = (.protocol, "the response is not valid: \(error.message)")
        default:
            (code, reason) = (.reset, "\(error)")
        }
        let remedy =
            isDefinite
            ? "It was not processed and may be sent again."
            : "It may have been processed: repeat it only if that is harmless."
        return HTTPError(
            code: code,
            isDefinite: isDefinite,
            message: "\(place) failed: \(reason). \(remedy)"
        )
    }
}

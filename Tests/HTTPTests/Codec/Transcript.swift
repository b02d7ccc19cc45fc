import HTTP

/// What a parser made of a stream of bytes, in a form that can be compared whole.
///
/// Bodies are joined, so that the transcript does not depend on how the bytes were split.
struct Transcript: Equatable {
    var messages: [Message] = []
    var error: HTTPParseError?
    /// Bytes that were neither consumed nor refused.
    var unread = 0

    struct Message: Equatable {
        /// `GET /x 1 none keep` or `200 OK 1 chunked close`.
        var summary: String
        var headers: HTTPHeaders
        var body: [UInt8] = []
        var trailers: HTTPHeaders?
    }

    /// Reads requests from bytes that arrive in the given pieces.
    static func ofRequests(
        _ pieces: [ArraySlice<UInt8>],
        limits: HTTPLimits = .default
    ) -> Transcript {
        var transcript = Transcript()
        var parser = HTTPRequestParser(limits: limits)
        transcript.run(pieces) { (bytes) throws(HTTPParseError) in
            let step = try parser.next(bytes.span)
            return (step.parsed.mapHead { "\($0.method) \($0.target) \($0.rest)" }, step.consumed)
        }
        return transcript
    }

    /// Reads responses, then the end of the connection; bit n of `headAnswers`: the n-th answers
    /// HEAD.
    static func ofResponses(
        _ pieces: [ArraySlice<UInt8>],
        limits: HTTPLimits = .default,
        headAnswers: Set<Int> = []
    ) -> Transcript {
        var transcript = Transcript()
        var parser = HTTPResponseParser(limits: limits)
        var number = 0
        transcript.run(pieces) { (bytes) throws(HTTPParseError) in
            parser.answersHead = headAnswers.contains(number)
            let step = try parser.next(bytes.span)
            if case .end = step.parsed { number += 1 }
            return (step.parsed.mapHead { "\($0.status) \($0.reason) \($0.rest)" }, step.consumed)
        }
        guard transcript.error == nil else { return transcript }
        do {
            if try parser.finish(unread: transcript.unread) {
                transcript.messages[transcript.messages.count - 1].trailers = [:]
            }
        } catch {
            transcript.error = error
        }
        return transcript
    }

    private mutating func run(
        _ pieces: [ArraySlice<UInt8>],
        _ next: ([UInt8]) throws(HTTPParseError) -> (HTTPParsed<Summary>, Int)
    ) {
        var bytes: [UInt8] = []
        do throws(HTTPParseError) {
            for piece in pieces {
                bytes += piece
                reading: while true {
                    let (parsed, consumed) = try next(bytes)
                    switch parsed {
                    case .head(let head):
                        messages.append(Message(summary: head.text, headers: head.headers))
                    case .body(let range):
                        messages[messages.count - 1].body += bytes[range]
                    case .end(let trailers):
                        messages[messages.count - 1].trailers = trailers
                    case .needMore:
                        bytes.removeFirst(consumed)
                        break reading
                    }
                    bytes.removeFirst(consumed)
                }
            }
        } catch {
            self.error = error
        }
        unread = error == nil ? bytes.count : 0
    }
}

struct Summary: Sendable {
    var text: String
    var headers: HTTPHeaders
}

protocol SummarizedHead: Sendable {
    var headers: HTTPHeaders { get }
    var rest: String { get }
}

extension HTTPRequestHead: SummarizedHead {
    var rest: String {
        "\(minorVersion) \(framing) \(keepsAlive ? "keep" : "close")"
            + (expectsContinue ? " expects" : "")
    }
}

extension HTTPResponseHead: SummarizedHead {
    var rest: String { "\(minorVersion) \(framing) \(keepsAlive ? "keep" : "close")" }
}

extension HTTPParsed where Head: SummarizedHead {
    func mapHead(_ text: (Head) -> String) -> HTTPParsed<Summary> {
        switch self {
        case .needMore: .needMore
        case .head(let head): .head(Summary(text: text(head), headers: head.headers))
        case .body(let range): .body(range)
        case .end(let trailers): .end(trailers: trailers)
        }
    }
}

extension Array<UInt8> {
    /// The places to cut at: every one, or 500 of them for a long stream.
    var cuts: StrideTo<Int> { stride(from: 0, to: count, by: Swift.max(1, count / 500)) }
    /// The bytes cut at the given position.
    func cut(at position: Int) -> [ArraySlice<UInt8>] { [self[..<position], self[position...]] }
    /// The bytes one by one.
    var single: [ArraySlice<UInt8>] { indices.map { self[$0...$0] } }
}

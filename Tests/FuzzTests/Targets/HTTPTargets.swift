import HTTP

extension FuzzTarget {
    private static let words = [
        "\r\n", "\n", "\r", "\r\n\r\n", "\0", ": ", ";", ",", "0\r\n\r\n", "ffffffffffffffff\r\n",
        "7fffffffffffffff\r\n", "Content-Length: 5\r\n", "Content-Length: 18446744073709551616\r\n",
        "Transfer-Encoding: chunked\r\n", "Connection: close\r\n", "Expect: 100-continue\r\n",
        "HTTP/1.1 ", "HTTP/1.0", "GET / HTTP/1.1\r\n", "HTTP/1.1 204 No Content\r\n", "Host: b\r\n",
    ].map { Array($0.utf8) }

    /// The parser of requests: what it reads does not depend on where the bytes are cut.
    static func httpRequests() throws -> FuzzTarget {
        let sources = try Recording.all("http").map(\.clientBytes).filter { !$0.isEmpty }
        return FuzzTarget(name: "http-request") { mutator in
            var bytes = mutator.pick(sources)
            mutator.damage(&bytes, others: sources, words: words)
            let pieces = mutator.pieces(of: bytes)
            return HTTPReading.compare(
                HTTPReading.ofRequests([bytes]),
                HTTPReading.ofRequests(pieces),
                byteCount: bytes.count
            )
        }
    }

    /// The parser of responses, which may answer HEAD and may be cut off by the end.
    static func httpResponses() throws -> FuzzTarget {
        let sources = try Recording.all("http").map(\.serverBytes).filter { !$0.isEmpty }
        return FuzzTarget(name: "http-response") { mutator in
            var bytes = mutator.pick(sources)
            mutator.damage(&bytes, others: sources, words: words)
            let answersHead = mutator.below(4) == 0
            let pieces = mutator.pieces(of: bytes)
            return HTTPReading.compare(
                HTTPReading.ofResponses([bytes], answersHead: answersHead),
                HTTPReading.ofResponses(pieces, answersHead: answersHead),
                byteCount: bytes.count
            )
        }
    }
}

/// What a parser made of bytes, so that two readings can be compared.
struct HTTPReading: Equatable {
    var heads: [String] = []
    var bodyBytes: [UInt8] = []
    var ends = 0
    var error: HTTPParseError?
    /// What was not consumed.
    var unread = 0

    static func compare(_ whole: HTTPReading, _ cut: HTTPReading, byteCount: Int) -> String? {
        if whole != cut { return "in one piece: \(whole.summary); in many: \(cut.summary)" }
        if whole.bodyBytes.count > byteCount { return "more body than bytes: \(whole.summary)" }
        return nil
    }

    private var summary: String {
        "\(heads), \(bodyBytes.count) bytes of bodies, \(ends) ends, \(unread) unread, "
            + "error \(error?.message ?? "none")"
    }

    static func ofRequests(_ pieces: [[UInt8]]) -> HTTPReading {
        var parser = HTTPRequestParser()
        var reading = HTTPReading()
        reading.feed(pieces) { (bytes) throws(HTTPParseError) in
            let step = try parser.next(bytes.span)
            return (Part(step.parsed) { "\($0.method) \($0.target) \($0.framing)" }, step.consumed)
        }
        return reading
    }

    static func ofResponses(_ pieces: [[UInt8]], answersHead: Bool) -> HTTPReading {
        var parser = HTTPResponseParser()
        parser.answersHead = answersHead
        var reading = HTTPReading()
        reading.feed(pieces) { (bytes) throws(HTTPParseError) in
            let step = try parser.next(bytes.span)
            return (Part(step.parsed) { "\($0.status) \($0.framing)" }, step.consumed)
        }
        guard reading.error == nil else { return reading }
        do throws(HTTPParseError) {
            if try parser.finish(unread: reading.unread) { reading.ends += 1 }
        } catch {
            reading.error = error
        }
        return reading
    }

    /// A step of either parser.
    private enum Part {
        case more, head(String), body(Range<Int>), end

        init<Head>(_ parsed: HTTPParsed<Head>, _ text: (Head) -> String) {
            self =
                switch parsed {
                case .needMore: .more
                case .head(let head): .head(text(head))
                case .body(let range): .body(range)
                case .end: .end
                }
        }
    }

    private mutating func feed(
        _ pieces: [[UInt8]],
        _ next: ([UInt8]) throws(HTTPParseError) -> (Part, Int)
    ) {
        var bytes: [UInt8] = []
        do throws(HTTPParseError) {
            for piece in pieces {
                bytes += piece
                reading: while true {
                    let (part, consumed) = try next(bytes)
                    switch part {
                    case .head(let head): heads.append(head)
                    case .body(let range): bodyBytes += bytes[range]
                    case .end: ends += 1
                    case .more:
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

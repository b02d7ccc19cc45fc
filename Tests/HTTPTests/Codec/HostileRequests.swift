import HTTP
import Testing

/// Requests that an attacker or a broken client sends, with the status that refuses them.
enum HostileRequests {
    struct Case: CustomTestStringConvertible, Sendable {
        var stream: RequestParserTests.Case
        var status: Int
        var limits = HTTPLimits.default
        var testDescription: String { "\(status) \(stream.name)" }
    }

    static let all: [Case] = startLines + fields + framing + chunks + sizes

    private static func request(
        _ name: String,
        _ fields: String,
        _ body: String = "",
        status: Int = 400,
        limits: HTTPLimits = .default
    ) -> Case {
        raw(name, "POST / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\(body)", status, limits)
    }

    private static func raw(
        _ name: String,
        _ text: String,
        _ status: Int = 400,
        _ limits: HTTPLimits = .default
    ) -> Case {
        Case(stream: .init(name, text), status: status, limits: limits)
    }

    private static func chunked(_ name: String, _ body: String, status: Int = 400) -> Case {
        request(name, "Transfer-Encoding: chunked\r\n", body, status: status)
    }

    private static let startLines = [
        raw("bare LF after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n"),
        raw("bare LF as the empty line", "GET / HTTP/1.1\r\nHost: a\r\n\n"),
        raw("two empty lines first", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        raw("no version", "GET /\r\nHost: a\r\n\r\n"),
        raw("two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"),
        raw("a space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"),
        raw("a tab as separator", "GET\t/\tHTTP/1.1\r\nHost: a\r\n\r\n"),
        raw("a space first", " GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        raw("a control character in the target", "GET /\u{1} HTTP/1.1\r\nHost: a\r\n\r\n"),
        raw("not ASCII in the target", "GET /\u{FC} HTTP/1.1\r\nHost: a\r\n\r\n"),
        raw("a method that is no token", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n"),
        raw("an empty method", " / HTTP/1.1\r\nHost: a\r\n\r\n"),
        raw("HTTP/2", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
        raw("the HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        raw("HTTP/0.9", "GET / HTTP/0.9\r\nHost: a\r\n\r\n", 505),
        raw("a version in lower case", "GET / http/1.1\r\nHost: a\r\n\r\n"),
        raw("a long version", "GET / HTTP/1.10\r\nHost: a\r\n\r\n"),
        raw("a TLS greeting", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\n\r\n\r\n"),
    ]

    private static let fields = [
        raw("no host", "GET / HTTP/1.1\r\n\r\n"),
        raw("two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
        request("obs-fold", "X: a\r\n b\r\n"),
        request("a first field line that is folded", " X: a\r\n"),
        request("a space before the colon", "X : a\r\n"),
        request("a space before the colon of a length", "Content-Length : 5\r\n", "hello"),
        request("no colon", "nonsense\r\n"),
        request("an empty name", ": a\r\n"),
        request("a name that is no token", "X(: a\r\n"),
        request("NUL in a value", "X: a\u{0}b\r\n"),
        request("a bare CR in a value", "X: a\rContent-Length: 5\r\n"),
        request("a bare LF between fields", "X: a\nY: b\r\n"),
        request("an unknown expectation", "Expect: 200-maybe\r\n", status: 417),
    ]

    private static let framing = [
        request(
            "both lengths (CL.TE)",
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
            "0\r\n\r\n"
        ),
        request(
            "both lengths (TE.CL)",
            "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
            "0\r\n\r\n"
        ),
        request("two lengths that differ", "Content-Length: 5\r\nContent-Length: 6\r\n", "hello!"),
        request("a list of lengths", "Content-Length: 5, 5\r\n", "hello"),
        request("a signed length", "Content-Length: +5\r\n", "hello"),
        request("a negative length", "Content-Length: -5\r\n", "hello"),
        request("a hexadecimal length", "Content-Length: 0x5\r\n", "hello"),
        request("an empty length", "Content-Length:\r\n"),
        request("a length beyond 64 bits", "Content-Length: 99999999999999999999\r\n"),
        request("gzip", "Transfer-Encoding: gzip\r\n", status: 501),
        request("gzip, chunked", "Transfer-Encoding: gzip, chunked\r\n", status: 501),
        request("chunked, then identity", "Transfer-Encoding: chunked, identity\r\n", status: 501),
        request("xchunked", "Transfer-Encoding: xchunked\r\n", status: 501),
        request(
            "chunked twice",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            status: 501
        ),
        request(
            "an obfuscated second coding",
            "Transfer-Encoding: chunked\r\nTransfer-encoding: x\r\n",
            status: 501
        ),
        raw(
            "chunked in HTTP/1.0",
            "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        ),
    ]

    private static let chunks = [
        chunked("a chunk size that is no number", "x\r\n"),
        chunked("an empty chunk size", "\r\nhello\r\n0\r\n\r\n"),
        chunked("a chunk size with a prefix", "0x5\r\nhello\r\n0\r\n\r\n"),
        chunked("a signed chunk size", "+5\r\nhello\r\n0\r\n\r\n"),
        chunked("a chunk size with a space", "5 \r\nhello\r\n0\r\n\r\n"),
        chunked("a chunk size beyond 60 bits", "1000000000000000\r\n"),
        chunked("a chunk size that would overflow", "fffffffffffffff\r\n", status: 413),
        chunked("bare LF after a chunk size", "5\nhello\r\n0\r\n\r\n"),
        chunked("bare CR after a chunk size", "5\rhello\r\n0\r\n\r\n"),
        chunked("a chunk longer than its size", "5\r\nhello!\r\n0\r\n\r\n"),
        chunked("LF alone after a chunk", "5\r\nhello\n0\r\n\r\n"),
        chunked("CR alone after a chunk", "5\r\nhello\r0\r\n\r\n"),
        chunked("bare LF at the end", "0\r\n\n"),
        chunked("a length among the trailers", "0\r\nContent-Length: 5\r\n\r\n"),
        chunked("a folded trailer", "0\r\nX: a\r\n b\r\n\r\n"),
        chunked("an endless extension", "5;" + String(repeating: "x", count: 300) + "\r\n"),
        chunked("NUL in an extension", "5;\u{0}\r\nhello\r\n0\r\n\r\n"),
        chunked(
            "tiny chunks with long extensions",
            String(repeating: "1;" + String(repeating: "x", count: 200) + "\r\na\r\n", count: 120)
        ),
    ]

    private static let small: HTTPLimits = {
        var limits = HTTPLimits()
        limits.startLineBytesMax = 64
        limits.headBytesMax = 256
        limits.fieldsMax = 4
        limits.bodyBytesMax = 10
        return limits
    }()

    private static let sizes = [
        raw(
            "a long URI",
            "GET /\(String(repeating: "x", count: 64)) HTTP/1.1\r\nHost: a\r\n\r\n",
            414,
            small
        ),
        raw("an endless URI", "GET /" + String(repeating: "x", count: 9000), 414),
        request(
            "a long field",
            "X: \(String(repeating: "x", count: 256))\r\n",
            status: 431,
            limits: small
        ),
        request("many fields", "A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n", status: 431, limits: small),
        raw(
            "an endless head",
            "GET / HTTP/1.1\r\nX: " + String(repeating: "x", count: 40_000),
            431
        ),
        request("a large body", "Content-Length: 11\r\n", status: 413, limits: small),
        request(
            "a large body in chunks",
            "Transfer-Encoding: chunked\r\n",
            "6\r\nhello \r\n5\r\nworld\r\n",
            status: 413,
            limits: small
        ),
        request(
            "an endless trailer section",
            "Transfer-Encoding: chunked\r\n",
            "0\r\nX: " + String(repeating: "x", count: 40_000),
            status: 431
        ),
    ]
}

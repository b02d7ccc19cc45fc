/// A response: what a handler returns, and what a client receives.
package struct HTTPResponse: Sendable {
    /// 100 to 999.
    package var status: Int
    /// Framing (`Content-Length`, `Transfer-Encoding`, `Connection`) is the server's own business:
    /// those fields are ignored when a handler sets them.
    package var headers: HTTPHeaders
    package var body: [UInt8]
    /// Set by `stream`: the body is what this closure writes; `body` is then ignored.
    package var producer: Producer?

    /// How often the server sends it, in one go: more than once only to try clients out.
    ///
    /// HTTP has one response for a request. A streamed one is sent once whatever this says.
    package var copies = 1

    /// Writes a streamed body; the body ends when it returns.
    ///
    /// When it throws, or when the client leaves (its task is then cancelled and `write` throws),
    /// the connection is broken off without the end mark, so that the client sees an incomplete
    /// body.
    package typealias Producer = @Sendable (HTTPBodyWriter) async throws -> Void

    package init(status: Int, headers: HTTPHeaders = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
        producer = nil
    }

    /// A response with a JSON text as its body.
    package static func json(_ text: [UInt8], status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, headers: ["Content-Type": "application/json"], body: text)
    }

    /// A response with a JSON text as its body.
    package static func json(_ text: String, status: Int = 200) -> HTTPResponse {
        json(Array(text.utf8), status: status)
    }

    /// A response with plain text as its body.
    package static func text(_ text: String, status: Int = 200) -> HTTPResponse {
        HTTPResponse(
            status: status,
            headers: ["Content-Type": "text/plain; charset=utf-8"],
            body: Array(text.utf8)
        )
    }

    /// A response whose body is written piece by piece: chunked for HTTP/1.1 clients, until-close
    /// for HTTP/1.0 clients.
    package static func stream(
        status: Int = 200,
        headers: HTTPHeaders = [:],
        _ producer: @escaping Producer
    ) -> HTTPResponse {
        var response = HTTPResponse(status: status, headers: headers)
        response.producer = producer
        return response
    }

    /// The body as text; bytes that are not UTF-8 are replaced by U+FFFD.
    package var text: String { String(decoding: body, as: UTF8.self) }
}

/// How the end of a body is found.
package enum HTTPFraming: Sendable, Equatable {
    /// There is no body.
    case none
    /// `Content-Length`: so many bytes, 0 included.
    case length(Int)
    /// `Transfer-Encoding: chunked`.
    case chunked
    /// Until the sender closes the connection; responses only.
    case untilClose
}

/// What one call of a parser found.
package enum HTTPParsed<Head: Sendable>: Sendable {
    /// Nothing more without more bytes.
    case needMore
    case head(Head)
    /// Body bytes: this range of the span that was passed in.
    case body(Range<Int>)
    /// The message is complete; the parser is ready for the next one. Trailers are rarely present.
    case end(trailers: HTTPHeaders)
}

/// What one call of a parser found, and how many bytes the caller must drop before the next call.
package struct HTTPStep<Head: Sendable>: Sendable {
    package var parsed: HTTPParsed<Head>
    package var consumed: Int

    init(_ parsed: HTTPParsed<Head>, consumed: Int) {
        self.parsed = parsed
        self.consumed = consumed
    }
}

/// Bytes that are not the HTTP/1.1 message they should be, or more of it than is allowed.
package struct HTTPParseError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The status with which a server refuses: 400, 413, 414, 417, 431, 501 or 505.
    package var status: Int
    /// What is wrong, where.
    package var message: String

    package init(status: Int, _ message: String) {
        self.status = status
        self.message = message
    }

    package var description: String { message }

    static func bad(_ message: String) -> HTTPParseError {
        HTTPParseError(status: 400, message)
    }

    static let bareLineFeed = bad(
        "a line ends in LF without CR in the head. End every line with CR LF."
    )
    static let tooManyFields = HTTPParseError(
        status: 431,
        "too many header fields. Send fewer fields."
    )
    static let headTooLarge = HTTPParseError(
        status: 431,
        "the head is too large. Send fewer or shorter header fields."
    )
    static let startLineTooLong = HTTPParseError(
        status: 414,
        "the first line is too long. Use a shorter URI."
    )
    static let bodyTooLarge = HTTPParseError(
        status: 413,
        "the body is larger than this peer accepts. Send less at a time."
    )
}

/// Why a request has no response.
package struct HTTPError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it was.
    package var code: Code
    /// Whether the request was certainly not processed, so that it may be sent again whatever it
    /// does.
    ///
    /// `false` means *unknown*: the server may have processed it.
    package var isDefinite: Bool
    /// What went wrong — where — what to do.
    package var message: String

    package struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Kind: String {
            case invalidURL, refused, unreachable, timeout, reset, closed, `protocol`, saturated
            case cancelled, shutdown
        }
        private let kind: Kind

        /// The URL is not one this client understands.
        package static let invalidURL = Code(kind: .invalidURL)
        /// Nobody listens there.
        package static let refused = Code(kind: .refused)
        /// The connection could not be made for another reason.
        package static let unreachable = Code(kind: .unreachable)
        /// The time limit passed: while waiting for a connection (definite) or for the response
        /// (not).
        package static let timeout = Code(kind: .timeout)
        /// The connection was reset.
        package static let reset = Code(kind: .reset)
        /// The connection was closed before the response was complete.
        package static let closed = Code(kind: .closed)
        /// What came back is not HTTP/1.1, or more than the limits allow.
        package static let `protocol` = Code(kind: .protocol)
        /// Too many requests wait for a connection already.
        package static let saturated = Code(kind: .saturated)
        /// The calling task was cancelled.
        package static let cancelled = Code(kind: .cancelled)
        /// The client was closed.
        package static let shutdown = Code(kind: .shutdown)

        package var description: String { kind.rawValue }
    }

    package init(code: Code, isDefinite: Bool, message: String) {
        self.code = code
        self.isDefinite = isDefinite
        self.message = message
    }

    package var description: String { message }
}

/// The header fields that the shop's services agree on.
package enum ShopHeaders {
    /// Names the effect: one key, one effect, however often it is asked for.
    package static let idempotencyKey = "Idempotency-Key"
    /// Names the message: a redelivery carries the same and gets the same answer from the inbox.
    package static let messageID = "Message-Id"
    /// How many milliseconds the caller will still wait.
    package static let deadline = "Deadline-Ms"
    /// Which trace a message belongs to, and what other systems noted in it (W3C Trace Context).
    package static let traceparent = "traceparent"
    package static let tracestate = "tracestate"
    /// Who calls the gateway; optional.
    package static let apiKey = "X-Api-Key"
    /// Seconds after which a refused caller may come again.
    package static let retryAfter = "Retry-After"
    /// The version of an order that an answer tells of: how many states it has had.
    package static let version = "X-Version"
    /// The version that a reader of the read model must see at least.
    package static let minVersion = "X-Min-Version"
    /// How many milliseconds old the read model may be.
    package static let staleness = "X-Staleness-Ms"

    /// Whether a text may be an idempotency key: 1 to 200 visible ASCII characters.
    package static func isKey(_ text: String) -> Bool {
        (1...200).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}

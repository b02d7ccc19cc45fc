/// Every bound that a parser, a server or a client puts on its peer.
package struct HTTPLimits: Sendable {
    /// The request or status line in bytes, without its line end; a longer request line is 414.
    package var startLineBytesMax = 8192
    /// The whole head (and, separately, a trailer section) in bytes; more is 431.
    package var headBytesMax = 32 * 1024
    /// Number of header fields; more is 431.
    package var fieldsMax = 100
    /// The body without its transfer coding in bytes; more is 413.
    package var bodyBytesMax = 8 << 20
    /// One chunk-size line with its extensions in bytes; more is 400.
    package var chunkLineBytesMax = 256

    /// From the first byte of a head to its end, and from a connection's start to its first head.
    package var headTimeout: Duration = .seconds(10)
    /// From the end of the head to the end of the body.
    package var bodyTimeout: Duration = .seconds(60)
    /// How long a connection may be silent between two requests.
    package var idleTimeout: Duration = .seconds(75)
    /// How long one write may wait for a client that does not read.
    package var writeTimeout: Duration = .seconds(30)
    /// How long a refused client may go on sending before the connection is closed.
    package var lingerTimeout: Duration = .seconds(1)
    /// Connections a server serves at a time; more are closed at once.
    package var connectionsMax = 16_384
    /// Whether a handler is cancelled when its client has left.
    package var cancelsAbandonedHandlers = true

    package static let `default` = HTTPLimits()

    package init() {}
}

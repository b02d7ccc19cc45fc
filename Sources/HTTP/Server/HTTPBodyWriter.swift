/// Takes a streamed body piece by piece; confined to the connection's task.
///
/// `write` returns when the kernel has taken the piece: a producer is never faster than its client,
/// and no more than one piece is held.
package final class HTTPBodyWriter {
    private let connection: HTTPServerConnection
    private let isChunked: Bool

    init(connection: HTTPServerConnection, isChunked: Bool) {
        self.connection = connection
        self.isChunked = isChunked
    }

    /// Sends a piece of the body; nothing for an empty one.
    ///
    /// Errors: the client has left, read too slowly (the write timeout), or the server is stopping.
    package func write(_ bytes: [UInt8]) async throws {
        try Task.checkCancellation()
        guard !bytes.isEmpty else { return }
        if isChunked {
            HTTPEncoder.appendChunk(bytes, to: &connection.output)
        } else {
            connection.output.append(contentsOf: bytes)
        }
        try await connection.flush()
        connection.enter(.streaming)
    }

    /// Sends a piece of text.
    package func write(_ text: String) async throws {
        try await write(Array(text.utf8))
    }

    /// Sends one server-sent event (HTML standard §9.2); the response's content type should be
    /// `text/event-stream`.
    ///
    /// - Parameters:
    ///   - data: sent as one `data:` line per line of text.
    ///   - event: the event's name, without line ends; `nil` for the default `message`.
    ///   - id: what the client repeats as `Last-Event-ID`, without line ends.
    /// - Throws: as `write`.
    package func send(data: String, event: String? = nil, id: String? = nil) async throws {
        var text = ""
        if let id { text += "id: \(Self.oneLine(id))\n" }
        if let event { text += "event: \(Self.oneLine(event))\n" }
        for line in data.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            text += "data: \(line)\n"
        }
        try await write(text + "\n")
    }

    private static func oneLine(_ text: String) -> String {
        String(text.map { $0.isNewline || $0 == "\0" ? " " : $0 })
    }
}

import EventLoop
import HTTP

/// Runs a test on a loop of its own, which ends with it.
func onLoop<Value: Sendable>(
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let loop = try Loop.start(label: "test")
    defer { loop.stop() }
    // Owned here: awaited before the loop ends. The limit turns a hang into a failure.
    return try await loop.spawn { try await withDeadline(.seconds(20)) { try await body() } }.value
}

/// A client that sends exactly the bytes it is told to.
final class RawClient {
    let stream: EventLoop.Stream
    private var input = ByteBuffer()

    static func connect(_ server: HTTPServer) async throws -> RawClient {
        RawClient(try await EventLoop.Stream.connect(to: server.address, timeout: .seconds(5)))
    }

    init(_ stream: EventLoop.Stream) { self.stream = stream }

    func send(_ text: String) async throws {
        try await stream.write(Array(text.utf8))
    }

    /// Everything until the server closes; a reset counts as the end.
    func readAll() async -> String {
        while let count = try? await stream.read(into: &input), count > 0 {}
        return String(decoding: input.take(input.readableBytes), as: UTF8.self)
    }

    /// Everything up to and including a text.
    func read(until mark: String) async throws -> String {
        while true {
            let text = String(decoding: input.bytes, as: UTF8.self)
            if let range = text.range(of: mark) {
                input.consume(text[..<range.upperBound].utf8.count)
                return String(text[..<range.upperBound])
            }
            guard try await stream.read(into: &input) > 0 else {
                throw EndedEarly(text: text, mark: mark)
            }
        }
    }

    /// A response head, and the body if its length is told.
    func response() async throws -> (head: String, body: String) {
        let head = try await read(until: "\r\n\r\n")
        guard let field = head.range(of: "Content-Length: ") else { return (head, "") }
        let count = Int(head[field.upperBound...].prefix { $0.isNumber }) ?? 0
        while input.readableBytes < count {
            guard try await stream.read(into: &input) > 0 else {
                throw EndedEarly(text: head, mark: "\(count) bytes")
            }
        }
        return (head, String(decoding: input.take(count), as: UTF8.self))
    }

    struct EndedEarly: Error {
        var text: String
        var mark: String
    }
}

extension String {
    /// The first place where a text occurs.
    func range(of text: String) -> Range<Index>? {
        var start = startIndex
        while let first = self[start...].utf8.firstIndex(of: text.utf8.first ?? 0) {
            if self[first...].utf8.starts(with: text.utf8) {
                return first..<utf8.index(first, offsetBy: text.utf8.count)
            }
            start = utf8.index(after: first)
        }
        return nil
    }

    /// The text without the line that tells the date.
    var dateless: String {
        guard let start = range(of: "Date: "),
            let end = String(self[start.upperBound...]).range(of: "\r\n")
        else { return self }
        return String(self[..<start.lowerBound])
            + String(String(self[start.upperBound...])[end.upperBound...])
    }
}

/// Loopback, any free port.
let anyPort = SocketAddress.ipv4("127.0.0.1", 0)

extension HTTPServer {
    /// `http://127.0.0.1:port`.
    var url: String { "http://\(address)" }
}

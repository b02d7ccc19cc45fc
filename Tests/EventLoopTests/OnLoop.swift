import EventLoop
import Glibc

/// Runs a body on a fresh loop of its own.
func onLoop<Value: Sendable>(
    _ body: @escaping @Sendable (Loop) async throws -> Value
) async throws -> Value {
    let loop = try Loop.start(label: "test")
    defer { loop.stop() }
    return try await loop.spawn { try await body(loop) }.value
}

/// Values that several closures on one loop collect.
// Unchecked: touched on one loop's thread only, read when that loop is quiet.
final class Box<Value>: @unchecked Sendable {
    var value: Value

    init(_ value: Value) {
        self.value = value
    }
}

/// A listener on a free port, a client connected to it, and the accepted side.
struct Pair {
    let listener: Listener
    let client: EventLoop.Stream
    let server: EventLoop.Stream

    static func make() async throws -> Pair {
        let listener = try Listener.bind(.ipv4("127.0.0.1", 0))
        let client = try await Stream.connect(to: listener.address, timeout: .seconds(5))
        return Pair(listener: listener, client: client, server: try await listener.accept())
    }

    func close() {
        client.close()
        server.close()
        listener.close()
    }
}

/// Reads until the peer sends no more.
func readAll(_ stream: EventLoop.Stream) async throws -> ByteBuffer {
    var buffer = ByteBuffer()
    while try await stream.read(into: &buffer) > 0 {}
    return buffer
}

/// Lets the loop go round a few times: whatever is ready by now was delivered when it returns.
func turn(_ loop: Loop, times: Int = 3) async throws {
    for _ in 0..<times { try await loop.sleep(for: .zero) }
}

/// A connected pair of non-blocking Unix sockets.
func socketPair() -> (Int32, Int32) {
    var ends: [Int32] = [-1, -1]
    let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    precondition(unsafe socketpair(AF_UNIX, type, 0, &ends) == 0)
    return (ends[0], ends[1])
}

func send(_ byte: UInt8, to descriptor: Int32) {
    var byte = byte
    precondition(unsafe write(descriptor, &byte, 1) == 1)
}

/// The errno with which a body fails; `nil` when it does not.
func errorCode(_ body: () async throws -> Void) async throws -> Int32? {
    do {
        try await body()
        return nil
    } catch let error as SystemError {
        return error.code
    }
}

import EventLoop
import Glibc

/// The server behind the proxy; the first byte of a connection says what it does.
enum LoadServer {
    private static let block = [UInt8](repeating: 0x5a, count: 1 << 18)

    /// Serves until its input ends, as it then lost its parent.
    static func run(port: Int) async throws {
        guard let loop = Loop.current else { preconditionFailure("the server runs on a loop") }
        raiseDescriptors()
        let listener = try Listener.bind(
            try SocketAddress(parsing: "127.0.0.1:\(port)"),
            backlog: 4_096
        )
        FileHandle.output("ready\n")
        while true {
            let stream = try await listener.accept()
            // Owned by the connection: it ends with it.
            loop.spawn {
                try? await serve(stream)
                stream.close()
            }
        }
    }

    private static func serve(_ stream: EventLoop.Stream) async throws {
        var buffer = ByteBuffer()
        guard try await stream.read(into: &buffer, atMost: 1) > 0 else { return }
        let kind = buffer.take(1)[0]
        switch kind {
        case UInt8(ascii: "g"):
            while true { try await stream.write(block) }
        case UInt8(ascii: "s"):
            while try await stream.read(into: &buffer, atMost: 1 << 18) > 0 {
                buffer.consume(buffer.readableBytes)
            }
        default:
            while try await stream.read(into: &buffer) > 0 { try await stream.write(&buffer) }
        }
    }

    /// As many descriptors as the process may have.
    static func raiseDescriptors() {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return
        }
        limit.rlim_cur = limit.rlim_max
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}

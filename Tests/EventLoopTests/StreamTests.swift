import EventLoop
import Glibc
import Testing

@Suite(.timeLimit(.minutes(1)))
struct StreamTests {
    @Test func `bytes are echoed and a half-close passes`() async throws {
        let isSame = try await onLoop { loop in
            let listener = try Listener.bind(.ipv4("127.0.0.1", 0))
            let server = Task(executorPreference: loop) {
                let stream = try await listener.accept()
                var buffer = try await readAll(stream)
                try await stream.write(&buffer)
                #expect(buffer.isEmpty)
                stream.close()
            }
            let client = try await Stream.connect(to: listener.address, timeout: .seconds(5))
            let sent = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            try await client.write(sent)
            client.shutdownWrite()
            let received = try await readAll(client)
            try await server.value
            return received.bytes == sent
        }
        #expect(isSame)
    }

    @Test(arguments: ["unix", "[::1]:0", "localhost:0"])
    func `every family of addresses connects`(text: String) async throws {
        let path = "/tmp/chaos-loop-test-\(getpid()).sock"
        let address = try SocketAddress(parsing: text == "unix" ? "unix:\(path)" : text)
        let received = try await onLoop { _ in
            let listener = try Listener.bind(address)
            defer { listener.close() }
            let client = try await Stream.connect(to: listener.address, timeout: .seconds(5))
            let server = try await listener.accept()
            try await client.write([1, 2])
            client.close()
            return try await readAll(server).bytes
        }
        #expect(received == [1, 2])
        #expect(unsafe access(path, F_OK) != 0, "the path is gone with its listener")
    }

    @Test func `a refused connection says so`() async throws {
        let message = try await onLoop { _ in
            let listener = try Listener.bind(.ipv4("127.0.0.1", 0))
            let address = listener.address
            listener.close()
            do {
                _ = try await Stream.connect(to: address, timeout: .seconds(5))
                return ""
            } catch {
                let port = address.port ?? 0
                return "\(error)".replacing(":\(port)", with: ":PORT")
            }
        }
        #expect(
            message == "connecting to 127.0.0.1:PORT failed: Connection refused (ECONNREFUSED). "
                + "Nothing listens there: start it or correct the address."
        )
    }

    @Test func `a connection that is never answered times out`() async throws {
        let code = try await onLoop { loop in
            // With a backlog of 0 the kernel keeps one connection and drops every further SYN.
            let listener = try Listener.bind(.ipv4("127.0.0.1", 0), backlog: 0)
            defer { listener.close() }
            let first = try await Stream.connect(to: listener.address, timeout: .seconds(5))
            defer { first.close() }
            return try await errorCode {
                for _ in 0..<8 {
                    _ = try await Stream.connect(
                        to: listener.address,
                        timeout: .milliseconds(20)
                    )
                }
            }
        }
        #expect(code == ETIMEDOUT)
    }

    @Test func `a reset reaches the peer as ECONNRESET`() async throws {
        let code = try await onLoop { _ in
            let pair = try await Pair.make()
            defer { pair.close() }
            pair.server.reset()
            return try await errorCode { _ = try await readAll(pair.client) }
        }
        #expect(code == ECONNRESET)
    }

    @Test func `a reset ends a read that waits`() async throws {
        let code = try await onLoop { loop in
            let pair = try await Pair.make()
            defer { pair.close() }
            let reader = Task(executorPreference: loop) {
                try await errorCode { _ = try await readAll(pair.client) }
            }
            try await turn(loop)
            pair.server.reset()
            return try await reader.value
        }
        #expect(code == ECONNRESET)
    }

    @Test func `a cancelled read ends at once and the stream still works`() async throws {
        let received = try await onLoop { loop in
            let pair = try await Pair.make()
            defer { pair.close() }
            let reader = Task(executorPreference: loop) { try await readAll(pair.client) }
            try await turn(loop)
            reader.cancel()
            let result = await reader.result
            #expect(throws: CancellationError.self) { try result.get() }
            try await pair.server.write([1, 2, 3])
            var buffer = ByteBuffer()
            _ = try await pair.client.read(into: &buffer)
            return buffer.bytes
        }
        #expect(received == [1, 2, 3])
    }

    @Test func `closing a stream resumes its reader and its writer`() async throws {
        let codes = try await onLoop { loop in
            let pair = try await Pair.make()
            defer { pair.close() }
            let reader = Task(executorPreference: loop) {
                try await errorCode { _ = try await readAll(pair.client) }
            }
            let writer = Task(executorPreference: loop) {
                try await errorCode {
                    while true {
                        try await pair.client.write([UInt8](repeating: 0, count: 1 << 20))
                    }
                }
            }
            // The peer never reads: once the kernel's buffers are full the writer waits.
            try await turn(loop, times: 50)
            pair.client.close()
            pair.client.close()
            return [try await reader.value, try await writer.value]
        }
        #expect(codes == [EBADF, EBADF])
    }

    @Test func `a closed stream refuses to read and to write`() async throws {
        let codes = try await onLoop { _ in
            let pair = try await Pair.make()
            pair.close()
            return [
                try await errorCode { _ = try await readAll(pair.client) },
                try await errorCode { try await pair.client.write([1]) },
            ]
        }
        #expect(codes == [EBADF, EBADF])
    }

    @Test func `no more is read at once than is asked for`() async throws {
        let sizes = try await onLoop { _ in
            let pair = try await Pair.make()
            defer { pair.close() }
            try await pair.server.write([UInt8](repeating: 9, count: 10))
            pair.server.shutdownWrite()
            var buffer = ByteBuffer()
            var sizes: [Int] = []
            while case let count = try await pair.client.read(into: &buffer, atMost: 4), count > 0 {
                sizes.append(count)
            }
            return sizes
        }
        #expect(sizes.allSatisfy { $0 <= 4 })
        #expect(sizes.reduce(0, +) == 10)
    }

    @Test func `a dropped stream is closed`() async throws {
        let count = try await onLoop { _ in
            let listener = try Listener.bind(.ipv4("127.0.0.1", 0))
            defer { listener.close() }
            do { _ = try await Stream.connect(to: listener.address, timeout: .seconds(5)) }
            return try await readAll(try await listener.accept()).readableBytes
        }
        #expect(count == 0)
    }

    @Test func `five hundred connections are served side by side`() async throws {
        let sum = try await onLoop { loop in
            let listener = try Listener.bind(.ipv4("127.0.0.1", 0))
            let server = Task(executorPreference: loop) {
                try await withThrowingDiscardingTaskGroup { group in
                    for _ in 0..<500 {
                        let stream = try await listener.accept()
                        group.addTask {
                            var buffer = try await readAll(stream)
                            try await stream.write(&buffer)
                            stream.close()
                        }
                    }
                }
            }
            let total = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<500 {
                    group.addTask {
                        let stream = try await Stream.connect(
                            to: listener.address,
                            timeout: .seconds(30)
                        )
                        try await stream.write([UInt8](repeating: 1, count: number))
                        stream.shutdownWrite()
                        defer { stream.close() }
                        return try await readAll(stream).readableBytes
                    }
                }
                return try await group.reduce(0, +)
            }
            try await server.value
            return total
        }
        #expect(sum == (0..<500).reduce(0, +))
    }
}

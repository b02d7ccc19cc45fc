import EventLoop
import Glibc
import Testing

/// Runs a body on a fresh loop of its own.
private func onLoop<Value: Sendable>(
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let loop = try Loop.start(label: "test")
    defer { loop.stop() }
    return try await loop.spawn(body).value
}

struct StreamTests {
    @Test func `bytes are echoed and a half-close passes`() async throws {
        let text = try await onLoop {
            let listener = try Listener.bind(.ipv4("127.0.0.1", 0))
            let server = Task(executorPreference: Loop.current) {
                let stream = try await listener.accept()
                var buffer = ByteBuffer()
                while try await stream.read(into: &buffer) > 0 {}
                try await stream.write(&buffer)
                stream.close()
            }
            let client = try await Stream.connect(to: listener.address, timeout: .seconds(5))
            let sent = [UInt8](repeating: 7, count: 3_000_000)
            try await client.write(sent)
            client.shutdownWrite()
            var received = ByteBuffer()
            while try await client.read(into: &received) > 0 {}
            try await server.value
            return received.bytes == sent
        }
        #expect(text)
    }

    @Test func `a refused connection says so`() async throws {
        let code = try await onLoop { () -> Int32 in
            let listener = try Listener.bind(.ipv4("127.0.0.1", 0))
            let address = listener.address
            listener.close()
            do {
                _ = try await Stream.connect(to: address, timeout: .seconds(5))
                return 0
            } catch let error as SystemError { return error.code }
        }
        #expect(code == ECONNREFUSED)
    }

    @Test func `a reset reaches the peer as ECONNRESET`() async throws {
        let code = try await onLoop { () -> Int32 in
            let listener = try Listener.bind(.ipv4("127.0.0.1", 0))
            let client = try await Stream.connect(to: listener.address, timeout: .seconds(5))
            let server = try await listener.accept()
            server.reset()
            var buffer = ByteBuffer()
            do {
                _ = try await client.read(into: &buffer)
                return 0
            } catch let error as SystemError { return error.code }
        }
        #expect(code == ECONNRESET)
    }

    @Test func `a cancelled read ends at once and the stream still works`() async throws {
        let worked = try await onLoop {
            let listener = try Listener.bind(.ipv4("127.0.0.1", 0))
            let client = try await Stream.connect(to: listener.address, timeout: .seconds(5))
            let server = try await listener.accept()
            do {
                try await withDeadline(.milliseconds(5)) {
                    var buffer = ByteBuffer()
                    _ = try await client.read(into: &buffer)
                }
                return false
            } catch is DeadlineExceeded {}
            try await server.write([1, 2, 3])
            var buffer = ByteBuffer()
            return try await client.read(into: &buffer) == 3
        }
        #expect(worked)
    }

    @Test func `closing a stream resumes its reader`() async throws {
        let code = try await onLoop { () -> Int32 in
            let loop = Loop.current
            let listener = try Listener.bind(.ipv4("127.0.0.1", 0))
            let client = try await Stream.connect(to: listener.address, timeout: .seconds(5))
            let server = try await listener.accept()
            loop?.after(.milliseconds(1)) { client.close() }
            var buffer = ByteBuffer()
            defer { server.close() }
            do {
                return Int32(try await client.read(into: &buffer))
            } catch let error as SystemError { return error.code }
        }
        #expect(code == EBADF)
    }

    @Test func `two hundred connections are served side by side`() async throws {
        let sum = try await onLoop {
            let listener = try Listener.bind(.ipv4("127.0.0.1", 0))
            let server = Task(executorPreference: Loop.current) {
                try await withThrowingDiscardingTaskGroup { group in
                    for _ in 0..<200 {
                        let stream = try await listener.accept()
                        group.addTask {
                            var buffer = ByteBuffer()
                            _ = try await stream.read(into: &buffer)
                            try await stream.write(&buffer)
                            stream.close()
                        }
                    }
                }
            }
            let address = listener.address
            let total = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        let stream = try await Stream.connect(to: address, timeout: .seconds(5))
                        try await stream.write([UInt8(number)])
                        var buffer = ByteBuffer()
                        _ = try await stream.read(into: &buffer)
                        stream.close()
                        return Int(buffer[0])
                    }
                }
                var total = 0
                for try await value in group { total += value }
                return total
            }
            try await server.value
            return total
        }
        #expect(sum == (0..<200).reduce(0, +))
    }
}

struct LoopTests {
    @Test func `timers fire in the order of their deadlines`() async throws {
        let order = try await onLoop { () -> [Int] in
            guard let loop = Loop.current else { return [] }
            let box = Box()
            for (index, delay) in [30, 10, 20].enumerated() {
                loop.after(.milliseconds(delay)) { box.values.append(index) }
            }
            let token = loop.after(.milliseconds(15)) { box.values.append(99) }
            loop.cancel(token)
            try await loop.sleep(for: .milliseconds(40))
            return box.values
        }
        #expect(order == [1, 2, 0])
    }

    @Test func `a sleep lasts at least as long as asked`() async throws {
        let elapsed = try await onLoop { () -> Int64 in
            let start = Loop.monotonicNanoseconds()
            try await Loop.current?.sleep(for: .microseconds(2500))
            return Loop.monotonicNanoseconds() - start
        }
        #expect(elapsed >= 2_500_000)
    }

    @Test func `a sleep in a cancelled task throws at once`() async throws {
        let task = try await onLoop {
            let loop = Loop.current
            let sleeper = Task(executorPreference: loop) {
                try await loop?.sleep(for: .seconds(3600))
            }
            sleeper.cancel()
            return await sleeper.result
        }
        #expect(throws: CancellationError.self) { try task.get() }
    }

    @Test func `work from other threads all arrives`() async throws {
        let loop = try Loop.start(label: "test")
        defer { loop.stop() }
        let box = Box()
        try await withThrowingTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<500 {
                        try await loop.spawn { box.values.append(1) }.value
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(box.values.count == 4000)
    }

    @Test func `main returns what its body returns`() throws {
        #expect(try Loop.main { 42 } == 42)
        #expect(throws: CancellationError.self) { try Loop.main { throw CancellationError() } }
    }
}

// Unchecked: touched on one loop's thread only, read when that loop is quiet.
private final class Box: @unchecked Sendable {
    var values: [Int] = []
}

struct SocketAddressTests {
    @Test(arguments: [
        ("127.0.0.1:80", "127.0.0.1:80"), ("[::1]:9", "[::1]:9"), (":7", "127.0.0.1:7"),
        ("localhost:0", "127.0.0.1:0"), ("unix:/tmp/x", "unix:/tmp/x"),
    ])
    func `addresses are read`(text: String, expected: String) throws {
        #expect(try SocketAddress(parsing: text).description == expected)
    }

    @Test(arguments: ["", "127.0.0.1", "1.2.3:80", "x:99999", "[::1:80", "example.org:80", "unix:"])
    func `what is no address is refused`(text: String) {
        #expect(throws: SocketAddress.ParsingError.self) { try SocketAddress(parsing: text) }
    }
}

struct ByteBufferTests {
    @Test func `bytes leave in the order they came`() {
        var buffer = ByteBuffer()
        buffer.append(utf8: "hello ")
        buffer.append([119, 111])
        #expect(buffer.firstIndex(of: 32) == 5)
        #expect(buffer.firstIndex(of: 119, from: 6) == 6)
        #expect(buffer.firstIndex(of: 1) == nil)
        #expect(buffer.take(6) == Array("hello ".utf8))
        #expect(buffer.bytes == [119, 111])
        buffer.consume(2)
        #expect(buffer.isEmpty)
    }
}

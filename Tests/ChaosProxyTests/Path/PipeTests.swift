import EventLoop
import Glibc
import HTTP
import JSON
import Testing

@testable import ChaosProxy

@Suite(.serialized)
struct PipeTests {
    @Test
    func `half-close passes through and the answer arrives whole`() async throws {
        try await ProxyRig.run { rig in
            // Answers only when the request has ended.
            let server = try rig.serve { stream in
                let request = try await stream.readAll()
                try await stream.write(request + request)
            }
            let address = try await rig.proxy(to: server)
            let client = try await rig.connect(address)
            let request = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            try await client.write(request)
            client.shutdownWrite()
            #expect(try await client.readAll() == request + request)
            client.close()
        }
    }

    @Test
    func `a reset by the server reaches the client as a reset`() async throws {
        try await ProxyRig.run { rig in
            let server = try rig.serve { stream in
                var buffer = ByteBuffer()
                _ = try await stream.read(into: &buffer)
                stream.reset()
            }
            let client = try await rig.connect(try await rig.proxy(to: server))
            try await client.write([1])
            #expect(await client.ending() == ECONNRESET)
            client.close()
        }
    }

    @Test
    func `a reset by the client reaches the server as a reset`() async throws {
        try await ProxyRig.run { rig in
            let (endings, report) = AsyncStream<Int32?>.makeStream()
            let server = try rig.serve { stream in
                var buffer = ByteBuffer()
                _ = try await stream.read(into: &buffer)
                try await stream.write([1])
                report.yield(await stream.ending())
            }
            let client = try await rig.connect(try await rig.proxy(to: server))
            try await client.write([1])
            _ = try await client.read(exactly: 1)
            client.reset()
            var iterator = endings.makeAsyncIterator()
            #expect(await iterator.next() == ECONNRESET)
        }
    }

    @Test
    func `a server that refuses gives the client a reset`() async throws {
        try await ProxyRig.run { rig in
            let gone = try Listener.bind(try SocketAddress(parsing: "127.0.0.1:0"))
            let address = gone.address
            gone.close()
            let listen = try await rig.proxy(to: address)
            // The reset may even come before the client's connect has returned.
            do {
                let client = try await rig.connect(listen)
                #expect(await client.ending() == ECONNRESET)
                client.close()
            } catch let error as SystemError {
                #expect(error.code == ECONNRESET)
            }
        }
    }

    @Test
    func `a server that never answers gives the client a reset after the dial timeout`()
        async throws
    {
        try await ProxyRig.run(dialTimeout: .milliseconds(100)) { rig in
            // A listener whose backlog is full answers no SYN.
            let full = try Listener.bind(try SocketAddress(parsing: "127.0.0.1:0"), backlog: 0)
            let filler = try await rig.connect(full.address)
            let address = try await rig.proxy(to: full.address)
            let client = try await rig.connect(address)
            let time = try await milliseconds { #expect(await client.ending() == ECONNRESET) }
            #expect(time < 2_000)
            client.close()
            filler.close()
            full.close()
        }
    }

    @Test
    func `disabling refuses and closes, enabling serves again on the same port`() async throws {
        try await ProxyRig.run { rig in
            let address = try await rig.proxy(to: try rig.echo())
            let client = try await rig.connect(address)
            #expect(try await client.exchange("hello") == "hello")
            let answer = try await rig.ask("POST", "/proxies/p", #"{"enabled":false}"#)
            #expect(answer["enabled"] == false)
            #expect(answer["cuts"] == 1)
            #expect(await client.ending() == nil)
            client.close()
            await #expect(throws: SystemError.self) { try await rig.connect(address) }
            try await rig.ask("POST", "/proxies/p", #"{"enabled":true}"#)
            let again = try await rig.connect(address)
            #expect(try await again.exchange("hello") == "hello")
            again.close()
        }
    }

    @Test
    func `names are looked up and connections listed`() async throws {
        try await ProxyRig.run { rig in
            let echo = try rig.echo()
            let port = try #require(echo.port)
            // Not `localhost` in this spelling: it goes through the resolver.
            let body = #"{"name":"p","listen":"127.0.0.1:0","upstream":"LOCALHOST:\#(port)"}"#
            let answer = try await rig.ask("POST", "/proxies", body)
            let address = try SocketAddress(parsing: answer["listen"]?.stringValue ?? "")
            let client = try await rig.connect(address)
            #expect(try await client.exchange("hello") == "hello")
            let list = try await rig.ask("GET", "/proxies/p/connections")
            #expect(list[0]?["connection"] == "c1")
            #expect(list[0]?["bytes_upstream"] == 5)
            #expect(list[0]?["bytes_downstream"] == 5)
            client.close()
            #expect(
                try await eventually {
                    try await rig.ask("GET", "/proxies/p/connections") == .array([])
                }
            )
        }
    }

    @Test
    func `the API answers while a client never reads and a server never answers`() async throws {
        try await ProxyRig.run { rig in
            // Sends for ever to a client that does not read.
            let server = try rig.serve { stream in
                let block = [UInt8](repeating: 1, count: 1 << 16)
                while true { try await stream.write(block) }
            }
            let client = try await rig.connect(try await rig.proxy(to: server))
            for round in 0..<50 {
                let name = #"{"type":"latency","name":"l","attributes":{"latency":\#(round)}}"#
                let time = try await milliseconds {
                    try await rig.toxic(name)
                    try await rig.ask("DELETE", "/proxies/p/toxics/l")
                }
                #expect(time < 1_000)
            }
            client.close()
        }
    }
}

import EventLoop
import Glibc
import HTTP
import JSON
import Testing

@testable import ChaosProxy

@Suite(.serialized)
struct AddressFamilyTests {
    /// A path that nobody else uses.
    private static func path() -> String {
        "/tmp/chaos-proxy-\(getpid())-\(UInt32.random(in: .min ... .max)).sock"
    }

    private static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    @Test
    func `a proxy listens at a Unix path and removes it when it stops`() async throws {
        let path = AddressFamilyTests.path()
        try await ProxyRig.run { rig in
            let echo = try rig.echo()
            let body = #"{"name":"p","upstream":"\#(echo)","listen":"unix:\#(path)"}"#
            let proxy = try await rig.ask("POST", "/proxies", body)
            #expect(proxy["listen"]?.stringValue == "unix:\(path)")
            let client = try await rig.connect(.unix(path))
            #expect(try await client.exchange("hello") == "hello")
            try await rig.toxic(#"{"type":"reset_peer","name":"r"}"#)
            try await client.write([1])
            // Unix sockets know no RST: the connection just ends.
            _ = await client.ending()
            client.close()
            try await rig.ask("DELETE", "/proxies/p/toxics/r")
            try await rig.ask("POST", "/proxies/p", #"{"enabled":false}"#)
            #expect(!AddressFamilyTests.exists(path))
            try await rig.ask("POST", "/proxies/p", #"{"enabled":true}"#)
            let again = try await rig.connect(.unix(path))
            #expect(try await again.exchange("hello") == "hello")
            again.close()
        }
        #expect(!AddressFamilyTests.exists(path), "shutting down removes it as well")
    }

    @Test
    func `a Unix path left behind is taken over, one that is in use is not`() async throws {
        let path = AddressFamilyTests.path()
        try await ProxyRig.run { rig in
            let body = #"{"name":"p","upstream":"h:1","listen":"unix:\#(path)"}"#
            let used = try Listener.bind(.unix(path))
            let refused = try await rig.call("POST", "/proxies", body)
            #expect(refused.status == 500)
            let message = "listen unix \(path): bind: address already in use"
            #expect(refused.text == #"{"error":"\#(message)","status":500}"# + "\n")
            used.close()
            // As a killed process leaves it: the path is there and nobody listens.
            let left = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            Sockets.close(left)
            switch Sockets.listen(at: .unix(path)) {
            case .success(let socket): Sockets.close(socket.descriptor)
            case .failure(let problem): Issue.record("\(problem.reason)")
            }
            #expect(AddressFamilyTests.exists(path))
            try await rig.ask("POST", "/proxies", body)
            // What is no socket is never removed.
            let plain = path + ".txt"
            let file = unsafe open(plain, O_CREAT | O_WRONLY | O_CLOEXEC, 0o600)
            Sockets.close(file)
            let other = #"{"name":"q","upstream":"h:1","listen":"unix:\#(plain)"}"#
            #expect(try await rig.call("POST", "/proxies", other).status == 500)
            #expect(AddressFamilyTests.exists(plain))
            unsafe unlink(plain)
        }
    }

    @Test
    func `the server may be behind a Unix path`() async throws {
        let path = AddressFamilyTests.path()
        try await ProxyRig.run { rig in
            let listener = try Listener.bind(.unix(path))
            let loop = listener.loop
            // Owned by the listener: it ends when that is closed.
            loop.spawn {
                while true {
                    let stream = try await listener.accept()
                    var buffer = ByteBuffer()
                    while try await stream.read(into: &buffer) > 0 {
                        try await stream.write(&buffer)
                    }
                    stream.close()
                }
            }
            let address = try await rig.proxy(to: .unix(path))
            try await rig.toxic(#"{"type":"latency","name":"l","attributes":{"latency":2}}"#)
            let client = try await rig.connect(address)
            #expect(try await client.exchange("hello") == "hello")
            client.shutdownWrite()
            #expect(try await client.readAll() == [])
            client.close()
            listener.close()
        }
    }

    @Test
    func `a name's IPv6 address is dialled when nobody listens at its IPv4 address`() async throws {
        try await ProxyRig.run { rig in
            await rig.server.control.data.perform { data in
                data.resolver.lookUp = { _, port in [.ipv6("::1", port), .ipv4("127.0.0.1", port)] }
            }
            let listener = try Listener.bind(.ipv6("::1", 0))
            let loop = listener.loop
            // Owned by the listener: it ends when that is closed.
            loop.spawn {
                let stream = try await listener.accept()
                var buffer = ByteBuffer()
                while try await stream.read(into: &buffer) > 0 { try await stream.write(&buffer) }
                stream.close()
            }
            let port = try #require("\(listener.address)".split(separator: ":").last)
            let body = #"{"name":"p","upstream":"both.test:\#(port)","listen":"127.0.0.1:0"}"#
            let text = try await rig.ask("POST", "/proxies", body)["listen"]?.stringValue ?? ""
            let client = try await rig.connect(try SocketAddress(parsing: text))
            #expect(try await client.exchange("hello") == "hello")
            client.close()
            listener.close()
            let late = try await rig.connect(try SocketAddress(parsing: text))
            #expect(await late.ending() == ECONNRESET, "both addresses refuse")
            late.close()
        }
    }

    @Test
    func `both ends may be IPv6`() async throws {
        try await ProxyRig.run { rig in
            let listener = try Listener.bind(.ipv6("::1", 0))
            let loop = listener.loop
            // Owned by the listener: it ends when that is closed.
            loop.spawn {
                let stream = try await listener.accept()
                var buffer = ByteBuffer()
                while try await stream.read(into: &buffer) > 0 { try await stream.write(&buffer) }
                stream.close()
            }
            let body = #"{"name":"p","upstream":"\#(listener.address)","listen":"[::1]:0"}"#
            let text = try await rig.ask("POST", "/proxies", body)["listen"]?.stringValue ?? ""
            #expect(text.hasPrefix("[::1]:"))
            let client = try await rig.connect(try SocketAddress(parsing: text))
            #expect(try await client.exchange("hello") == "hello")
            let row = try await rig.ask("GET", "/proxies/p/connections")[0]
            #expect(row?["client"]?.stringValue?.hasPrefix("[::1]:") == true)
            client.close()
            listener.close()
        }
    }
}

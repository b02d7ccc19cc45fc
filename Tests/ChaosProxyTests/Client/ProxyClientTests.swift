import EventLoop
import JSON
import Testing

@testable import ChaosProxy

/// The client of the API against a real server.
struct ProxyClientTests {
    /// Runs a test with a client of the rig's server.
    private func run(
        _ body: @escaping @Sendable (ProxyClient, ProxyRig) async throws -> Void
    ) async throws {
        try await ProxyRig.run { rig in
            try await body(try ProxyClient(url: "http://\(rig.server.address)/"), rig)
        }
    }

    /// The message with which a call fails.
    private func complaint(
        _ kind: ProxyClientError.Kind,
        _ body: () async throws -> Void
    ) async throws -> String {
        do {
            try await body()
        } catch let error as ProxyClientError {
            #expect(error.kind == kind)
            return error.description
        }
        Issue.record("nothing was thrown")
        return ""
    }

    @Test
    func `a proxy is created, listed, changed and deleted`() async throws {
        try await run { client, rig in
            let backend = try rig.echo()
            let created = try await client.create([
                "name": "a->b/c d", "listen": "127.0.0.1:0", "upstream": .string("\(backend)"),
            ])
            #expect(created["enabled"] == true)
            #expect(try await client.proxies().objectValue?.names == ["a->b/c d"])
            #expect(try await client.proxies()["a->b/c d"]?["upstream"] == .string("\(backend)"))
        }
        try await run { client, rig in
            let backend = try rig.echo()
            _ = try await client.create([
                "name": "a->b", "listen": "127.0.0.1:0", "upstream": .string("\(backend)"),
            ])
            #expect(try await client.proxy("a->b")["name"] == "a->b")
            #expect(try await client.update("a->b", ["enabled": false])["enabled"] == false)
            try await client.reset()
            #expect(try await client.proxy("a->b")["enabled"] == true)
            #expect(try await client.connections(of: "a->b") == [])
            try await client.delete("a->b")
            #expect(try await client.proxies() == [:])
        }
    }

    @Test
    func `a toxic is added, read, changed and removed`() async throws {
        try await run { client, rig in
            _ = try await rig.proxy(to: try rig.echo())
            var text = try ToxicText(parsing: "latency:latency=100ms", as: "")
            try text.set("ttl", to: "30s")
            try text.set("toxicity", to: "50%")
            let added = try await client.addToxic(text.json, to: "p")
            #expect(added["name"] == "latency_downstream")
            #expect(added["attributes"] == ["latency": 100, "jitter": 0])
            #expect(added["toxicity"] == .number(0.5))
            let change = try ToxicText(settings: "jitter=5", of: "latency")
            let changed = try await client.updateToxic("latency_downstream", change.json, of: "p")
            #expect(changed["attributes"] == ["latency": 100, "jitter": 5])
            #expect(try await client.toxic("latency_downstream", of: "p")["type"] == "latency")
            try await client.removeToxic("latency_downstream", of: "p")
            #expect(try await client.proxy("p")["toxics"] == [])
        }
    }

    @Test
    func `what is not there is told with what was meant`() async throws {
        try await run { client, rig in
            let place = client.url
            #expect(
                try await complaint(.usage) { _ = try await client.proxy("db") }
                    == "there is no proxy \"db\" — \(place). It has none. "
                    + "'chaos proxy create' makes one."
            )
            _ = try await rig.proxy(to: try rig.echo())
            _ = try await client.create(["name": "payments", "upstream": "127.0.0.1:1"])
            #expect(
                try await complaint(.usage) { try await client.delete("paymets") }
                    == "there is no proxy \"paymets\" — \(place). Did you mean \"payments\"?"
            )
            _ = try await client.addToxic(["type": "noop"], to: "p")
            #expect(
                try await complaint(.usage) { try await client.removeToxic("noop_down", of: "p") }
                    == "there is no toxic \"noop_down\" — proxy \"p\" at \(place). "
                    + "Known toxics: noop_downstream."
            )
            #expect(
                try await complaint(.usage) {
                    _ = try await client.addToxic(["type": "noop"], to: "p")
                }
                .hasPrefix("such a toxic exists already — proxy \"p\" at \(place). ")
            )
            #expect(
                try await complaint(.usage) {
                    _ = try await client.create(["name": "p", "upstream": "127.0.0.1:1"])
                }.hasPrefix("a proxy \"p\" exists already — \(place). ")
            )
        }
    }

    @Test
    func `a taken port is told with the proxy, the server and the remedy`() async throws {
        try await run { client, rig in
            let taken = try rig.echo()
            let text = try await complaint(.refused) {
                _ = try await client.create([
                    "name": "x", "listen": .string("\(taken)"), "upstream": "127.0.0.1:1",
                ])
            }
            #expect(
                text == "listen tcp \(taken): bind: address already in use — proxy \"x\" at "
                    + "\(client.url). Another process listens there: 'ss -ltnp' shows which. "
                    + "Choose another port, or 0 for a free one."
            )
        }
    }

    @Test
    func `a server that is gone, mute or no proxy server is told`() async throws {
        try await ProxyRig.run { rig in
            let listener = try Listener.bind(try SocketAddress(parsing: "127.0.0.1:0"))
            let free = "http://\(listener.address)"
            listener.close()
            let gone = try ProxyClient(url: free)
            #expect(
                try await complaint(.unreachable) { _ = try await gone.proxies() }
                    == "no proxy server answers — \(free): connection refused. Start one with "
                    + "'chaos proxy serve', or name another with --api URL."
            )
            let banner = try rig.serve { stream in
                try await stream.write(Array("220 mail.example ESMTP\r\n".utf8))
                _ = try await stream.read(exactly: 1)
            }
            let mail = try ProxyClient(url: "\(banner)")
            #expect(
                try await complaint(.unreachable) { _ = try await mail.proxies() }
                    .hasPrefix("this is no proxy server — \(banner): ")
            )
        }
    }

    @Test(arguments: ["", "http://", "ftp://x:1", "http://x:0", "http://127.0.0.1", "a:b", "1:2/3"])
    func `a text that is no URL of a server is refused`(_ text: String) {
        let error = #expect(throws: ProxyClientError.self) { try ProxyClient(url: text) }
        #expect(error?.kind == .usage)
        #expect(error?.description.contains("Write one such as http://127.0.0.1:8474.") == true)
    }

    @Test(arguments: ["localhost:8474", "http://localhost:8474/", "[::1]:8474", "unix:/run/x.sock"])
    func `names, addresses and Unix sockets are URLs`(_ text: String) throws {
        _ = try ProxyClient(url: text)
    }
}

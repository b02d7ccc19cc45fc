import EventLoop
import HTTP
import JSON
import Testing

@testable import ChaosProxy

@Suite(.serialized)
struct ContractTests {
    @Test(arguments: ContractSession.all)
    func `every answer of the contract comes to the byte`(_ session: ContractSession) async throws {
        try await ProxyRig.run { rig in try await session.hold(on: rig) }
    }

    @Test
    func `a path that is not clean is moved, with its query`() async throws {
        try await ProxyRig.run { rig in
            let cases = [
                "//proxies": "/proxies", "/proxies//a/": "/proxies/a/",
                "/proxies/../version?x=1": "/version?x=1",
                "/proxies/./%C3%BC%20a": "/proxies/%C3%BC%20a",
            ]
            for (path, location) in cases {
                let answer = try await rig.call("GET", path)
                #expect(answer.status == 301)
                #expect(answer.headers["Location"] == location)
                #expect(answer.body.isEmpty)
            }
        }
    }

    @Test(arguments: [
        ("Mozilla/5.0", true), ("mozilla/5.0", false), ("curl Mozilla/5.0", false), ("", false),
    ])
    func `browsers are turned away by the name of their agent`(
        _ agent: String,
        _ isBrowser: Bool
    ) async throws {
        try await ProxyRig.run { rig in
            let headers: HTTPHeaders = ["User-Agent": agent]
            let answer = try await rig.call("GET", "/proxies", headers: headers)
            #expect(answer.status == (isBrowser ? 403 : 200))
            guard isBrowser else { return }
            #expect(answer.text == "User agent not allowed\n")
            #expect(answer.headers["Content-Type"] == "text/plain; charset=utf-8")
            #expect(answer.headers["X-Toxiproxy-Request-Id"]?.count == 20)
            // Where there is no route nobody looks at the agent.
            #expect(try await rig.call("GET", "/nowhere", headers: headers).status == 404)
            #expect(try await rig.call("PUT", "/proxies", headers: headers).status == 405)
        }
    }

    @Test
    func `a connection to the API is kept for many requests, some of them pipelined`() async throws
    {
        try await ProxyRig.run { rig in
            let client = try await rig.connect(rig.server.address)
            let request = "GET /version HTTP/1.1\r\nHost: x\r\n\r\n"
            let last = "GET /version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            try await client.write(Array((request + request + last).utf8))
            let answers = String(decoding: try await client.readAll(), as: UTF8.self)
            #expect(answers.split(separator: "HTTP/1.1 200 OK\r\n").count == 3)
            client.close()
        }
    }

    @Test
    func `a proxy on any address listens on both families`() async throws {
        try await ProxyRig.run { rig in
            let echo = try rig.echo()
            for listen in ["", ":0", "[::]:0"] {
                let body = #"{"name":"p","upstream":"\#(echo)","listen":"\#(listen)"}"#
                let answer = try await rig.ask("POST", "/proxies", body)
                let text = try #require(answer["listen"]?.stringValue)
                let port = try #require(text.wholeMatch(of: /\[::\]:([0-9]+)/)?.1)
                for host in ["127.0.0.1", "[::1]"] {
                    let address = try SocketAddress(parsing: "\(host):\(port)")
                    let client = try await rig.connect(address)
                    #expect(try await client.exchange("hello") == "hello")
                    client.close()
                }
                try await rig.ask("DELETE", "/proxies/p")
            }
        }
    }

    @Test
    func `deleting closes connections and frees the port`() async throws {
        try await ProxyRig.run { rig in
            let echo = try rig.echo()
            let address = try await rig.proxy(to: echo)
            let client = try await rig.connect(address)
            #expect(try await client.exchange("a") == "a")
            try await rig.ask("DELETE", "/proxies/p")
            #expect(await client.ending() == nil)
            client.close()
            let body = #"{"name":"q","upstream":"\#(echo)","listen":"\#(address)"}"#
            let again = try await rig.ask("POST", "/proxies", body)
            #expect(again["listen"]?.stringValue == "\(address)")
        }
    }

    @Test
    func `reset enables every proxy and removes every toxic, also when one cannot listen`()
        async throws
    {
        try await ProxyRig.run { rig in
            let echo = try rig.echo()
            for name in ["a", "b", "c"] {
                let listen = name == "a" ? "\(echo)" : "127.0.0.1:0"
                let body =
                    #"{"name":"\#(name)","upstream":"\#(echo)","#
                    + #""listen":"\#(listen)","enabled":false}"#
                try await rig.ask("POST", "/proxies", body)
                try await rig.ask("POST", "/proxies/\(name)/toxics", #"{"type":"noop"}"#)
            }
            let answer = try await rig.call("POST", "/reset")
            #expect(answer.status == 500, "a's port is taken")
            let proxies = try await rig.ask("GET", "/proxies")
            for name in ["a", "b", "c"] {
                #expect(proxies[name]?["toxics"] == [])
                #expect(proxies[name]?["enabled"] == .bool(name != "a"))
            }
        }
    }

    @Test
    func `populate replaces a proxy whose address differs, and its toxics go`() async throws {
        try await ProxyRig.run { rig in
            let echo = try rig.echo()
            let address = try await rig.proxy(to: echo)
            try await rig.toxic(#"{"type":"noop"}"#)
            // Same addresses: untouched, and `enabled` of the request is ignored.
            let same =
                #"[{"name":"p","listen":"\#(address)","upstream":"\#(echo)","enabled":false}]"#
            let kept = try await rig.ask("POST", "/populate", same)["proxies"]?[0]
            #expect(kept?["enabled"] == true)
            #expect(kept?["toxics"]?.arrayValue?.count == 1)
            let other = #"[{"name":"p","listen":"\#(address)","upstream":"127.0.0.1:1"}]"#
            let replaced = try await rig.ask("POST", "/populate", other)["proxies"]?[0]
            #expect(replaced?["toxics"] == [])
            #expect(replaced?["listen"]?.stringValue == "\(address)")
        }
    }

    @Test
    func `localhost on the same port is no change and keeps connections`() async throws {
        try await ProxyRig.run { rig in
            let echo = try rig.echo()
            let address = try await rig.proxy(to: echo)
            let client = try await rig.connect(address)
            #expect(try await client.exchange("a") == "a")
            try await rig.toxic(#"{"type":"noop","name":"n"}"#)
            let port = try #require(address.port)
            let same = #"{"listen":"localhost:\#(port)","upstream":"\#(echo)"}"#
            let answer = try await rig.ask("POST", "/proxies/p", same)
            #expect(answer["listen"]?.stringValue == "\(address)")
            #expect(try await client.exchange("b") == "b")
            // Populate finds the same addresses: the proxy and its toxics stay.
            let body = #"[{"name":"p","listen":"localhost:\#(port)","upstream":"\#(echo)"}]"#
            let populated = try await rig.ask("POST", "/populate", body)
            #expect(populated["proxies"]?[0]?["toxics"]?.arrayValue?.count == 1)
            #expect(try await client.exchange("c") == "c")
            // Another upstream stops and starts it; toxics stay.
            let moved = try await rig.ask("POST", "/proxies/p", #"{"upstream":"127.0.0.1:1"}"#)
            #expect(moved["toxics"]?.arrayValue?.count == 1)
            #expect(await client.ending() == nil)
            client.close()
        }
    }

    @Test(arguments: 1...100 as ClosedRange<UInt64>)
    func `mutated request bodies get an answer`(_ seed: UInt64) throws {
        var dice = SeedStream(seed: seed)
        let samples = try ContractSession.all.flatMap { try $0.exchanges(echo: "h:1") }
            .map(\.body).filter { !$0.isEmpty }
        var bytes = Array(samples[Int.random(in: 0..<samples.count, using: &dice)].utf8)
        for _ in 0..<Int.random(in: 1...4, using: &dice) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &dice)
            switch Int.random(in: 0..<3, using: &dice) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &dice)
            case 1: bytes.remove(at: place)
            default: bytes.insert(UInt8.random(in: 0...255, using: &dice), at: place)
            }
        }
        do throws(ControlError) {
            let value = try GoValue(firstIn: bytes)
            _ = try? ProxyRequest.list(value)
            _ = try? RequestFields(value, as: .proxy)
            let fields = try RequestFields(value, as: .toxicUpdate(of: .slicer))
            _ = try ToxicRequest(update: fields, of: .slicer)
        } catch {
            #expect(error.status == 400)
            #expect(error.message.hasPrefix("bad request body: "))
        }
    }
}

import EventLoop
import HTTP
import Testing

struct ClientTests {
    @Test func `request and response carry method, target, headers and body`() async throws {
        try await onLoop {
            let server = try await HTTPServer.start(on: anyPort) { request in
                HTTPResponse(
                    status: 202,
                    headers: ["X-Host": request.headers["host"] ?? "", "X-Method": request.method],
                    body: Array((request.target + "|").utf8) + request.body
                )
            }
            let client = HTTPClient()
            let answer = try await client.request(
                "POST",
                url: server.url + "/o?x=1#fragment",
                headers: ["Idempotency-Key": "k"],
                body: Array("hi".utf8),
                timeout: .seconds(5)
            )
            #expect(answer.status == 202)
            #expect(answer.text == "/o?x=1|hi")
            #expect(answer.headers["X-Method"] == "POST")
            #expect(answer.headers["X-Host"] == "\(server.address)")
            await server.shutdown(grace: .seconds(1))
        }
    }

    @Test func `one connection serves requests one after another`() async throws {
        try await onLoop {
            let server = try await HTTPServer.start(on: anyPort) { .text($0.target) }
            let client = HTTPClient()
            for number in 0..<20 {
                let url = "\(server.url)/\(number)"
                #expect(
                    try await client.request("GET", url: url, timeout: .seconds(5)).text
                        == "/\(number)"
                )
            }
            #expect(server.connectionCount == 1)
            client.close()
            #expect(await client.failure("GET", server.url)?.code == .shutdown)
            await server.shutdown(grace: .seconds(1))
        }
    }

    @Test func `requests beyond the connections wait, in order, and none is lost`() async throws {
        try await onLoop {
            let (inFlight, most) = (Counter(), Counter())
            let server = try await HTTPServer.start(on: anyPort) { request in
                inFlight.add()
                if inFlight.value > most.value { most.add() }
                try await Loop.current?.sleep(for: .milliseconds(1))
                inFlight.add(-1)
                return .text(request.target)
            }
            let client = HTTPClient(maxConnectionsPerHost: 3)
            guard let loop = Loop.current else { return }
            let url = server.url
            try await withThrowingTaskGroup { group in
                for number in 0..<60 {
                    group.addTask(executorPreference: loop) {
                        let answer = try await client.request(
                            "GET",
                            url: "\(url)/\(number)",
                            timeout: .seconds(10)
                        )
                        #expect(answer.text == "/\(number)")
                    }
                }
                try await group.waitForAll()
            }
            #expect(most.value == 3)
            await server.shutdown(grace: .seconds(1))
        }
    }

    @Test func `waiting is bounded in number and in time, and its failure is definite`()
        async throws
    {
        try await onLoop {
            let server = try ScriptedServer { _, peer in _ = await peer.readAll() }
            let client = HTTPClient(maxConnectionsPerHost: 1, maxWaitersPerHost: 1)
            guard let loop = Loop.current else { return }
            let url = server.url
            async let first = client.failure("GET", url, timeout: .seconds(1))
            while server.accepted.value == 0 { try await loop.sleep(for: .milliseconds(1)) }
            async let second = client.failure("GET", url, timeout: .milliseconds(300))
            try await loop.sleep(for: .milliseconds(5))
            let third = await client.failure("GET", url)
            #expect(third?.code == .saturated)
            #expect(third?.isDefinite == true)
            let waited = await second
            #expect(waited?.code == .timeout)
            #expect(waited?.isDefinite == true)
            let sent = await first
            #expect(sent?.code == .timeout)
            #expect(sent?.isDefinite == false)
            server.stop()
        }
    }

    @Test func `a cancelled request fails as cancelled, waiting or sent`() async throws {
        try await onLoop {
            let server = try ScriptedServer { _, peer in _ = await peer.readAll() }
            let client = HTTPClient(maxConnectionsPerHost: 1)
            guard let loop = Loop.current else { return }
            let url = server.url
            // Both are awaited below.
            let sent = loop.spawn { await client.failure("GET", url) }
            while server.accepted.value == 0 { try await loop.sleep(for: .milliseconds(1)) }
            let waiting = loop.spawn { await client.failure("GET", url) }
            try await loop.sleep(for: .milliseconds(5))
            waiting.cancel()
            #expect(try await waiting.value?.code == .cancelled)
            sent.cancel()
            let error = try await sent.value
            #expect(error?.code == .cancelled)
            #expect(error?.isDefinite == false)
            server.stop()
        }
    }

    @Test func `a body until the close is whole, and the connection is not used again`()
        async throws
    {
        try await onLoop {
            let server = try ScriptedServer { _, peer in
                _ = try await peer.read(until: "\r\n\r\n")
                try await peer.send("HTTP/1.1 200 OK\r\n\r\nuntil")
                try await peer.send(" the end")
            }
            let client = HTTPClient()
            for _ in 0..<2 {
                let answer = try await client.request("GET", url: server.url, timeout: .seconds(5))
                #expect(answer.text == "until the end")
            }
            #expect(server.accepted.value == 2)
            server.stop()
        }
    }

    @Test func `interim responses are skipped`() async throws {
        try await onLoop {
            let server = try ScriptedServer { _, peer in
                _ = try await peer.read(until: "\r\n\r\n")
                try await peer.send(
                    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n"
                )
                try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
                _ = await peer.readAll()
            }
            let client = HTTPClient()
            let answer = try await client.request("POST", url: server.url, timeout: .seconds(5))
            #expect(answer.status == 200)
            #expect(answer.text == "hi")
            server.stop()
        }
    }

    @Test(arguments: [
        "ftp://127.0.0.1/", "http://", "http:///x", "http://user@127.0.0.1/", "https://127.0.0.1/",
        "http://127.0.0.1:99999/", "http://shop.example/", "unix:relative", "127.0.0.1:80", "",
        "http://127.0.0.1/a b", "http://127.0.0.1/\u{FC}", "http://127.0.0.1/a\r\nX: y",
    ])
    func `what is no URL is refused before anything is sent`(url: String) async throws {
        try await onLoop {
            let error = await HTTPClient().failure("GET", url)
            #expect(error?.code == .invalidURL)
            #expect(error?.isDefinite == true)
            #expect(error?.message.contains("cannot be requested") == true)
        }
    }
}

import EventLoop
import HTTP
import Testing

/// A server that answers twice: the second response is nobody's.
struct RepeatedResponseTests {
    @Test(arguments: [2, 3])
    func `copies of a response are really sent`(copies: Int) async throws {
        try await onLoop {
            let server = try await HTTPServer.start(on: anyPort) { request in
                var response = HTTPResponse.text(request.target)
                response.copies = copies
                return response
            }
            let peer = try await RawClient.connect(server)
            for target in ["/a", "/b"] {
                try await peer.send("GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n")
                for _ in 0..<copies {
                    let response = try await peer.response()
                    #expect(response.head.hasPrefix("HTTP/1.1 200 "))
                    #expect(response.body == target)
                }
            }
            peer.stream.close()
            await server.shutdown(grace: .seconds(1))
        }
    }

    @Test func `a client that keeps connections never takes a copy for its next response`()
        async throws
    {
        try await onLoop {
            let server = try await HTTPServer.start(on: anyPort) { request in
                var response = HTTPResponse.text(request.target)
                response.copies = request.target.hasSuffix("0") ? 2 : 1
                return response
            }
            let client = HTTPClient(maxConnectionsPerHost: 4)
            guard let loop = Loop.current else { return }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for customer in 0..<16 {
                    group.addTask(executorPreference: loop) {
                        for number in 0..<50 {
                            let target = "/\(customer)/\(number)"
                            let answer = try await client.request(
                                "POST",
                                url: server.url + target,
                                timeout: .seconds(10)
                            )
                            #expect(answer.text == target)
                        }
                    }
                }
                try await group.waitForAll()
            }
            client.close()
            await server.shutdown(grace: .seconds(1))
        }
    }

    /// 4096 bytes are what the client reads at first: then the copy is still with the kernel.
    @Test(arguments: [100, 4095, 4096, 4097])
    func `who waits for a connection is not given one with a response on it`(
        length: Int
    ) async throws {
        try await onLoop {
            let server = try ScriptedServer { number, peer in
                _ = try await peer.read(until: "\r\n\r\n")
                let own = Self.response("\(number)", length: length)
                try await peer.send(own + Self.response("evil", length: 100))
                _ = await peer.readAll()
            }
            let client = HTTPClient(maxConnectionsPerHost: 1)
            let url = server.url
            guard let loop = Loop.current else { return }
            let texts = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<4 {
                    group.addTask(executorPreference: loop) {
                        try await client.request("POST", url: url, timeout: .seconds(5)).text
                    }
                }
                return try await group.reduce(into: Set<String>()) {
                    $0.insert(String($1.prefix { $0 != "." }))
                }
            }
            #expect(texts == ["0", "1", "2", "3"])
            #expect(server.accepted.value == 4)
            client.close()
            server.stop()
        }
    }

    /// A response of so many bytes, whose body begins with a text.
    private static func response(_ text: String, length: Int) -> String {
        let digits = length > 1_000 ? 4 : 2
        let head = "HTTP/1.1 200 OK\r\nContent-Length: "
        let count = length - head.utf8.count - digits - 4
        let body = text + String(repeating: ".", count: count - text.utf8.count)
        return "\(head)\(count)\r\n\r\n\(body)"
    }
}

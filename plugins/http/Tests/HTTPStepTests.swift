import ChaosPluginAPI
import EventLoop
import HTTP
import JSON
import Testing

@testable import FaultHTTP

/// Runs a body on a loop of its own, with a real server.
private func withServer<T: Sendable>(
    _ handler: @escaping @Sendable (HTTPRequest) async -> HTTPResponse,
    _ body: @escaping @Sendable (String) async throws -> T
) async throws -> T {
    let loop = try Loop.start(label: "http plugin test")
    defer { loop.stop() }
    return try await loop.spawn {
        let server = try await HTTPServer.start(
            on: try SocketAddress(parsing: "127.0.0.1:0"),
            handler: handler
        )
        let value = try await body("http://\(server.address)")
        await server.shutdown(grace: .milliseconds(100))
        return value
    }.value
}

@Suite struct HTTPStepTests {
    private func perform(
        _ function: String,
        provider: JSONObject = [:],
        arguments: JSONObject = [:]
    ) async throws -> JSONValue {
        let plugin = try HTTPPlugin()
        let context = StepContext(runID: "r", arguments: arguments, provider: provider)
        if let action = plugin.action(function) { return try await action.perform(context) }
        return try await #require(plugin.probe(function)).read(context)
    }

    @Test func `an answer has its status, headers, body and duration`() async throws {
        let output = try await withServer({ request in
            var response = HTTPResponse.json(#"{"asked":"\#(request.target)"}"#, status: 503)
            response.headers.append("X-A", "1")
            response.headers.append("X-A", "2")
            return response
        }) { url in
            try await self.perform(
                "read",
                provider: ["url": .string(url + "/p"), "arguments": ["q": "a b"]]
            )
        }
        #expect(output["status"] == 503)
        #expect(output["body"] == ["asked": "/p?q=a+b"])
        #expect(output["headers"]?["X-A"] == "1, 2")
        #expect((output["milliseconds"]?.doubleValue ?? 0) > 0)
    }

    @Test func `a post carries its JSON body and method`() async throws {
        let output = try await withServer({ request in
            .text("\(request.method) \(String(decoding: request.body, as: UTF8.self))")
        }) { url in
            try await self.perform(
                "request",
                provider: [
                    "url": .string(url), "method": "post",
                    "headers": ["Content-Type": "application/json"], "arguments": ["a": 1],
                ]
            )
        }
        #expect(output["body"] == #"POST {"a":1}"#)
    }

    @Test func `redirects are followed a limited number of times`() async throws {
        let output = try await withServer({ request in
            guard request.target != "/end" else { return .text("there") }
            let next = request.target == "/a/loop" ? "loop" : "/end"
            return HTTPResponse(status: 302, headers: ["Location": next])
        }) { url in
            let end = try await self.perform("get", arguments: ["url": .string(url + "/go")])
            let loop = try await self.perform("get", arguments: ["url": .string(url + "/a/loop")])
            return [end, loop] as JSONValue
        }
        #expect(output[0]?["body"] == "there")
        #expect(output[1]?["status"] == 302)
    }

    @Test func `a body that only claims to be JSON stays text`() async throws {
        let output = try await withServer({ _ in .json("not json") }) { url in
            try await self.perform("get", arguments: ["url": .string(url)])
        }
        #expect(output["body"] == "not json")
    }

    @Test func `a server that does not answer in time fails the step`() async throws {
        _ = try await withServer({ _ in
            // Cancelled when the client goes away or the server stops.
            try? await Loop.current?.sleep(for: .seconds(30))
            return .text("late")
        }) { url in
            await #expect(throws: HTTPError.self) {
                try await self.perform("get", arguments: ["url": .string(url), "timeout": 50.0])
            }
        }
    }

    @Test func `nobody there fails the step and says where`() async throws {
        let url = try await withServer({ _ in .text("") }) { url in url }
        let loop = try Loop.start(label: "http plugin test")
        defer { loop.stop() }
        let error = try await loop.spawn {
            await #expect(throws: HTTPError.self) {
                try await self.perform("get", arguments: ["url": .string(url)])
            }
        }.value
        #expect(error?.description.contains("127.0.0.1") == true)
    }

    @Test func `the manifest and its functions belong together`() throws {
        let plugin = try HTTPPlugin()
        for function in plugin.manifest.functions {
            switch function.kind {
            case .action: _ = try #require(plugin.action(function.name))
            case .probe: _ = try #require(plugin.probe(function.name))
            case .fault: Issue.record("http has no faults")
            }
        }
        let unknown = plugin.probe("nothing")
        #expect(unknown == nil)
    }
}

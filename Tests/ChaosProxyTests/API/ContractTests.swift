import EventLoop
import HTTP
import JSON
import Testing

@testable import ChaosProxy

/// One row of the API's contract.
struct ContractRow: Sendable {
    var method: String
    var path: String
    var body: String
    var status: Int
    /// The whole body; a `…` at the end compares only what stands before it.
    var answer: String
    var type: String

    init(
        _ method: String,
        _ path: String,
        _ body: String,
        _ status: Int,
        _ answer: String,
        type: String? = nil
    ) {
        self.method = method
        self.path = path
        self.body = body
        self.status = status
        self.answer = answer
        self.type =
            type
            ?? (status == 204 || answer.isEmpty
                ? "" : status < 300 ? "application/json" : "text/plain; charset=utf-8")
    }

    init(
        _ method: String,
        _ path: String,
        _ status: Int,
        _ answer: String,
        type: String? = nil
    ) {
        self.init(method, path, "", status, answer, type: type)
    }

    static func error(
        _ method: String,
        _ path: String,
        _ status: Int,
        _ message: String
    ) -> ContractRow {
        error(method, path, "", status, message)
    }

    static func error(
        _ method: String,
        _ path: String,
        _ body: String,
        _ status: Int,
        _ message: String
    ) -> ContractRow {
        let text = JSONValue.string(message).serialized()
        return ContractRow(
            method,
            path,
            body,
            status,
            #"{"error":\#(text),"status":\#(status)}"# + "\n"
        )
    }
}

@Suite(.serialized)
struct ContractTests {
    /// In order: each row finds the world as the rows before left it.
    static let rows: [ContractRow] = [
        ContractRow(
            "GET",
            "/version",
            200,
            "{\"version\": \"2.12.0\"}\n",
            type: "application/json;charset=utf-8"
        ),
        ContractRow("GET", "/nowhere", 404, "404 page not found\n"),
        ContractRow("GET", "/proxies/", 404, "404 page not found\n"),
        ContractRow("PUT", "/proxies", 405, ""),
        ContractRow("GET", "/populate", 405, ""),
        ContractRow("GET", "/proxies", 200, "{}"),
        .error("POST", "/proxies", 400, "bad request body: EOF"),
        .error("POST", "/proxies", #"{"name":"#, 400, "bad request body: unexpected EOF"),
        .error(
            "POST",
            "/proxies",
            #"{"name":5}"#,
            400,
            "bad request body: json: cannot unmarshal number 5 into Go struct field Proxy.name of "
                + "type string"
        ),
        .error("POST", "/proxies", "null", 400, "missing required field: name"),
        .error("POST", "/proxies", #"{"name":""}"#, 400, "missing required field: name"),
        .error("POST", "/proxies", #"{"name":"a"}"#, 400, "missing required field: upstream"),
        .error(
            "POST",
            "/proxies",
            #"{"name":"a","upstream":"x:1","listen":"bad"}"#,
            500,
            "listen tcp: address bad: missing port in address"
        ),
        .error(
            "POST",
            "/proxies",
            #"{"name":"a","upstream":"x:1","listen":"h:99999"}"#,
            500,
            "listen tcp: address 99999: invalid port"
        ),
        .error("GET", "/proxies/a", 404, "proxy not found"),
        ContractRow(
            "POST",
            "/proxies",
            #"{"NAME":"a","Upstream":"127.0.0.1:1","listen":"localhost:0","enabled":false,"x":1}!"#,
            201,
            #"{"name":"a","listen":"localhost:0","upstream":"127.0.0.1:1","enabled":false,"#
                + #""Logger":{},"toxics":[]…"#
        ),
        .error(
            "POST",
            "/proxies",
            #"{"name":"a","upstream":"127.0.0.1:1"}"#,
            409,
            "proxy already exists"
        ),
        ContractRow("GET", "/proxies/a/toxics", 200, "[]"),
        .error("GET", "/proxies/b/toxics", 404, "proxy not found"),
        .error("POST", "/proxies/b/toxics", "{}", 404, "proxy not found"),
        .error("POST", "/proxies/a/toxics", "{}", 400, "invalid toxic type"),
        .error("POST", "/proxies/a/toxics", #"{"type":"Latency"}"#, 400, "invalid toxic type"),
        .error(
            "POST",
            "/proxies/a/toxics",
            #"{"type":"latency","stream":""}"#,
            400,
            "stream was invalid, can be either upstream or downstream"
        ),
        .error(
            "POST",
            "/proxies/a/toxics",
            #"{"type":"latency","attributes":{"latency":"100"}}"#,
            400,
            "bad request body: json: cannot unmarshal string into Go struct field "
                + "LatencyToxic.attributes.latency of type int64"
        ),
        .error(
            "POST",
            "/proxies/a/toxics",
            #"{"type":"latency","attributes":{"latency":100.0}}"#,
            400,
            "bad request body: json: cannot unmarshal number 100.0 into Go struct field "
                + "LatencyToxic.attributes.latency of type int64"
        ),
        .error(
            "POST",
            "/proxies/a/toxics",
            #"{"type":"latency","attributes":[]}"#,
            400,
            "bad request body: json: cannot unmarshal array into Go struct field "
                + "LatencyToxic.attributes of type LatencyToxic"
        ),
        ContractRow(
            "POST",
            "/proxies/a/toxics",
            #"{"type":"latency","stream":"UpStream","toxicity":0.1,"attributes":{"LATENCY":7}}"#,
            200,
            #"{"attributes":{"latency":7,"jitter":0},"name":"latency_UpStream","type":"latency","#
                + #""stream":"UpStream","toxicity":0.1…"#
        ),
        ContractRow(
            "POST",
            "/proxies/a/toxics",
            #"{"type":"timeout","attributes":null}"#,
            200,
            #"{"attributes":{"timeout":0},"name":"timeout_downstream","type":"timeout","#
                + #""stream":"downstream","toxicity":1…"#
        ),
        .error(
            "POST",
            "/proxies/a/toxics",
            #"{"type":"timeout"}"#,
            409,
            "toxic already exists"
        ),
        ContractRow(
            "PATCH",
            "/proxies/a/toxics/latency_UpStream",
            #"{"attributes":{"jitter":-3},"name":"other","toxicity":5}"#,
            200,
            #"{"attributes":{"latency":7,"jitter":-3},"name":"latency_UpStream","type":"latency","#
                + #""stream":"UpStream","toxicity":5…"#
        ),
        .error("GET", "/proxies/a/toxics/b", 404, "toxic not found"),
        .error("POST", "/proxies/a/toxics/b", "{}", 404, "toxic not found"),
        .error("DELETE", "/proxies/a/toxics/b", 404, "toxic not found"),
        ContractRow("DELETE", "/proxies/a/toxics/timeout_downstream", 204, ""),
        .error(
            "POST",
            "/proxies/a/toxics",
            #"{"type":"lose_commit_ack"}"#,
            400,
            "toxic type lose_commit_ack needs a proxy with protocol postgres, a has tcp"
        ),
        .error(
            "POST",
            "/proxies/a/toxics",
            #"{"type":"noop","match":{"every":2}}"#,
            400,
            "toxic type noop knows no match"
        ),
        .error("POST", "/proxies/a", 400, "bad request body: EOF"),
        .error(
            "POST",
            "/proxies/a",
            #"{"listen":"bad"}"#,
            500,
            "address bad: missing port in address"
        ),
        .error("POST", "/proxies/b", "{}", 404, "proxy not found"),
        ContractRow("POST", "/reset", 204, ""),
        ContractRow("GET", "/proxies/a/toxics", 200, "[]"),
        ContractRow("DELETE", "/proxies/a", 204, ""),
        .error("DELETE", "/proxies/a", 404, "proxy not found"),
        ContractRow("POST", "/populate", "[]", 201, #"{"proxies":null}"#),
        ContractRow("POST", "/populate", "null", 201, #"{"proxies":null}"#),
        ContractRow(
            "POST",
            "/populate",
            #"[{"name":"a","upstream":"h:1"},{"name":"b"}]"#,
            400,
            #"{"error":"missing required field: upstream at proxy 2","status":400,"proxies":null}"#,
            type: "application/json"
        ),
        ContractRow("GET", "/proxies", 200, "{}"),
        ContractRow(
            "POST",
            "/populate",
            #"[{"name":"a->b/c","upstream":"h:1","enabled":false},{"name":"b","upstream":"h:1","#
                + #""listen":"127.0.0.1:0","enabled":null}]"#,
            201,
            #"{"proxies":[{"name":"a->b/c","listen":"","upstream":"h:1","enabled":false…"#
        ),
        .error("GET", "/proxies/a-%3Eb%2Fc", 404, "…"),
    ]

    @Test
    func `every row of the contract is answered to the byte`() async throws {
        try await ProxyRig.run { rig in
            for row in ContractTests.rows.dropLast() {
                let answer = try await rig.call(row.method, row.path, row.body)
                let place = "\(row.method) \(row.path) \(row.body)"
                #expect(answer.status == row.status, "\(place): \(answer.text)")
                #expect(answer.headers["Content-Type"] ?? "" == row.type, "\(place)")
                if row.answer.hasSuffix("…") {
                    let start = String(row.answer.dropLast())
                    #expect(answer.text.hasPrefix(start), "\(place): \(answer.text)")
                } else {
                    #expect(answer.text == row.answer, "\(place)")
                }
                let isRouted = row.status != 405 && row.answer != "404 page not found\n"
                #expect((answer.headers["X-Toxiproxy-Request-Id"]?.count == 20) == isRouted)
            }
            // A name with a slash cannot be addressed, as in Toxiproxy.
            #expect(try await rig.call("GET", "/proxies/a-%3Eb%2Fc").status == 404)
            let moved = try await rig.call("GET", "//proxies")
            #expect(moved.status == 301)
            #expect(moved.headers["Location"] == "/proxies")
            let browser = try await rig.call(
                "GET",
                "/proxies",
                headers: ["User-Agent": "Mozilla/5.0"]
            )
            #expect(browser.status == 403)
            #expect(browser.text == "User agent not allowed\n")
        }
    }

    @Test
    func `a taken port is told in Go's words, and populate tells what was done`() async throws {
        try await ProxyRig.run { rig in
            let taken = try rig.echo()
            let answer = try await rig.call(
                "POST",
                "/proxies",
                #"{"name":"a","upstream":"h:1","listen":"\#(taken)"}"#
            )
            #expect(answer.status == 500)
            let message = "listen tcp \(taken): bind: address already in use"
            #expect(answer.text == #"{"error":"\#(message)","status":500}"# + "\n")
            let populated = try await rig.call(
                "POST",
                "/populate",
                #"[{"name":"x","upstream":"h:1","enabled":false},"#
                    + #"{"name":"y","upstream":"h:1","listen":"\#(taken)"}]"#
            )
            #expect(populated.status == 500)
            let value = try JSONValue.parse(populated.body)
            #expect(value["error"]?.stringValue == message)
            #expect(value["proxies"]?.arrayValue?.count == 1)
            #expect(try await rig.call("GET", "/proxies/y").status == 404)
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
        let samples = ContractTests.rows.map(\.body).filter { !$0.isEmpty }
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
            let body = try RequestBody(bytes)
            _ = try? ProxyRequest.list(body)
            let fields = try body.object("Toxic")
            var request = try ToxicRequest(fields)
            try request.readAttributes(fields, of: .slicer)
        } catch {
            #expect(error.status == 400)
            #expect(error.message.hasPrefix("bad request body: "))
        }
    }
}

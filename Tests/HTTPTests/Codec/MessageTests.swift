import HTTP
import Testing

struct MessageTests {
    @Test func `headers are found without regard to case and keep their order`() {
        var headers: HTTPHeaders = ["Host": "a", "X-One": "1", "x-one": "2"]
        #expect(headers["HOST"] == "a")
        #expect(headers.values("X-ONE") == ["1", "2"])
        headers["X-one"] = "3"
        #expect(headers.fields.map(\.name) == ["Host", "X-one"])
        headers["host"] = nil
        #expect(headers["Host"] == nil)
        #expect(headers.count == 1)
    }

    @Test func `letters that differ in more than case are different`() {
        #expect(!HTTPHeaders.areEqual("a@b", "a`b"))
        #expect(!HTTPHeaders.areEqual("[", "{"))
        #expect(HTTPHeaders.areEqual("aZ-09", "Az-09"))
        #expect(!HTTPHeaders.areEqual("ab", "abc"))
    }

    @Test(arguments: [
        ("close", true), ("Close", true), ("keep-alive, close", true), (" close ,x", true),
        ("closed", false), ("", false), ("keep-alive", false),
    ])
    func `a token is found in a list`(value: String, isFound: Bool) {
        #expect(
            HTTPHeaders([.init(name: "Connection", value: value)])
                .hasToken("close", in: "connection") == isFound
        )
    }

    @Test func `a target is taken apart`() {
        let request = HTTPRequest(
            method: "GET",
            target: "/orders/a%2Fb/c%zz?wait=10s&name=J%C3%B6rg+K&flag&empty=&wait=2"
        )
        #expect(request.path == "/orders/a%2Fb/c%zz")
        #expect(request.segments == ["orders", "a/b", "c%zz"])
        #expect(request.query("wait") == "10s")
        #expect(request.query("name") == "J\u{F6}rg K")
        #expect(request.query("flag") == "")
        #expect(request.query("empty") == "")
        #expect(request.query("absent") == nil)
    }

    @Test(arguments: [
        ("http://shop:80/a?x=1", "/a"), ("HTTP://shop", "/"), ("*", "*"), ("/", "/"), ("/?q", "/"),
    ])
    func `absolute targets lose their authority`(target: String, path: String) {
        #expect(HTTPRequest(method: "GET", target: target).path == path)
    }

    @Test func `what the encoder writes, the parsers read`() {
        var bytes: [UInt8] = []
        HTTPEncoder.appendRequestHead(
            method: "POST",
            target: "/o",
            host: "shop:80",
            headers: ["X": "1", "Content-Length": "99", "Connection": "close"],
            framing: .chunked,
            to: &bytes
        )
        HTTPEncoder.appendChunk(Array("hello".utf8), to: &bytes)
        HTTPEncoder.appendChunk([], to: &bytes)
        HTTPEncoder.appendChunk(Array(repeating: 120, count: 300), to: &bytes)
        HTTPEncoder.appendLastChunk(to: &bytes)
        let requests = Transcript.ofRequests([bytes[...]])
        #expect(requests.error == nil)
        #expect(requests.messages.map(\.summary) == ["POST /o 1 chunked keep"])
        #expect(requests.messages[0].body.count == 305)
        #expect(
            requests.messages[0].headers
                == ["Host": "shop:80", "X": "1", "Transfer-Encoding": "chunked"]
        )
        bytes = []
        HTTPEncoder.appendResponseHead(
            status: 503,
            headers: ["Retry-After": "1"],
            framing: .length(0),
            keepsAlive: false,
            to: &bytes
        )
        let text =
            "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n"
            + "Connection: close\r\n\r\n"
        #expect(String(decoding: bytes, as: UTF8.self) == text)
    }

    @Test func `a value from outside cannot begin a line of its own`() {
        var bytes: [UInt8] = []
        HTTPEncoder.appendResponseHead(
            status: 200,
            headers: ["Location": "/a\r\nSet-Cookie: evil=1\r\n\r\n<html>\0"],
            framing: .length(0),
            keepsAlive: true,
            to: &bytes
        )
        let transcript = Transcript.ofResponses([bytes[...]])
        #expect(transcript.messages.map(\.headers.count) == [2])
        #expect(transcript.messages[0].headers["Set-Cookie"] == nil)
    }
}

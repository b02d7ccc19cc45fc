import HTTP
import JSON
import Testing

@testable import FaultHTTP

@Suite struct RequestFormTests {
    @Test func `a query is appended to the one that is there`() throws {
        let form = try RequestForm(provider: [
            "url": "http://h/p?a=1",
            "arguments": ["b": ["x y", 2, nil], "c": true, "d": "ü&="],
        ])
        #expect(form.method == "GET")
        #expect(form.url == "http://h/p?a=1&b=x+y&b=2&c=True&d=%C3%BC%26%3D")
        #expect(form.body.isEmpty)
    }

    @Test func `a body is JSON when the content type says so`() throws {
        let form = try RequestForm(provider: [
            "url": "http://h/p",
            "method": "post",
            "headers": ["Content-Type": "application/json"],
            "arguments": ["a": [1, nil]],
        ])
        #expect(form.method == "POST")
        #expect(String(decoding: form.body, as: UTF8.self) == #"{"a":[1,null]}"#)
    }

    @Test func `any other object is a form, and a string is sent as it is`() throws {
        let form = try RequestForm(provider: [
            "url": "http://h/p", "method": "PUT", "arguments": ["a": "b c"],
        ])
        #expect(String(decoding: form.body, as: UTF8.self) == "a=b+c")
        #expect(form.headers["content-type"] == "application/x-www-form-urlencoded")
        let raw = try RequestForm(provider: [
            "url": "http://h/p", "method": "PUT", "arguments": "raw text",
        ])
        #expect(String(decoding: raw.body, as: UTF8.self) == "raw text")
    }

    @Test(
        arguments: [
            ([:], "there is no url"),
            (["url": "https://h/"], "https is not supported yet"),
            (["url": "ftp://h/"], "no address that can be asked"),
            (["url": "http://h/", "headers": ["A": 1]], "the header A is no string"),
            (["url": "http://h/", "timeout": -1], "is no time"),
            (["url": "http://h/", "timeout": true], "is no time"),
            (["url": "http://h/", "method": "POST", "arguments": 5], "cannot be sent"),
        ] as [(JSONObject, String)]
    )
    func `what cannot be sent says why`(provider: JSONObject, message: String) {
        let error = #expect(throws: HTTPStepError.self) { try RequestForm(provider: provider) }
        #expect(error?.description.contains(message) == true)
    }

    @Test func `a timeout is seconds, a pair of them, or a duration`() throws {
        func timeout(_ value: JSONValue) throws -> Duration {
            try RequestForm(provider: ["url": "http://h/", "timeout": value]).timeout
        }
        #expect(try timeout(2) == .seconds(2))
        #expect(try timeout([1, 0.5]) == .milliseconds(1500))
        #expect(try timeout("250ms") == .milliseconds(250))
        #expect(try RequestForm(provider: ["url": "http://h/"]).timeout == .seconds(30))
    }
}

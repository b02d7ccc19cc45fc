import HTTP
import JSON
import Testing

@testable import ChaosProxy

/// A conversation with the API as text: one line asks, the next says what must come back.
///
/// ```
/// POST /proxies {"name":"a"}
/// 400 error missing required field: upstream
/// ```
///
/// The word behind the status is the form of the answer: `json` without a line feed behind it;
/// `error`, Toxiproxy's object around the text, with a line feed and called plain text; `text` with
/// a line feed; `version`; `none`, no body at all. `…` at the end compares only what stands before
/// it, `→` in a request stands for the address of the session's echo server.
struct ContractSession: Sendable, CustomTestStringConvertible {
    let name: String
    let text: String

    var testDescription: String { name }

    /// One question and its answer.
    struct Exchange {
        let method: String
        let path: String
        let body: String
        let status: Int
        let form: String
        let answer: String

        init(_ question: Substring, _ answer: Substring) throws {
            let asked = question.split(separator: " ", maxSplits: 2)
            let told = answer.split(separator: " ", maxSplits: 2)
            method = String(asked[0])
            path = String(asked[1])
            body = asked.count > 2 ? String(asked[2]) : ""
            status = try #require(Int(told[0]), "no status: \(answer)")
            form = String(told[1])
            self.answer = told.count > 2 ? String(told[2]) : ""
        }

        /// The whole body that must come.
        var wanted: String {
            switch form {
            case "error":
                let message = JSONValue.string(answer).serialized()
                return #"{"error":\#(message),"status":\#(status)}"# + "\n"
            case "text", "version": return answer + "\n"
            default: return answer
            }
        }

        var contentType: String? {
            switch form {
            case "json": "application/json"
            case "version": "application/json;charset=utf-8"
            case "error", "text": "text/plain; charset=utf-8"
            default: nil
            }
        }

        /// Whether Toxiproxy's router finds a handler, which then names the request.
        var isRouted: Bool { status != 405 && status != 301 && answer != "404 page not found" }
    }

    func exchanges(echo: String) throws -> [Exchange] {
        let lines = text.replacing("→", with: echo).split(separator: "\n")
            .filter { !$0.hasPrefix("#") }
        try #require(lines.count % 2 == 0, "a question without an answer")
        return try stride(from: 0, to: lines.count, by: 2).map {
            try Exchange(lines[$0], lines[$0 + 1])
        }
    }

    /// Holds the conversation; every difference is an issue.
    func hold(on rig: ProxyRig) async throws {
        for exchange in try exchanges(echo: "\(try rig.echo())") {
            let answer = try await rig.call(exchange.method, exchange.path, exchange.body)
            let place: Comment = "\(exchange.method) \(exchange.path) \(exchange.body)"
            #expect(answer.status == exchange.status, place)
            #expect(answer.headers["Content-Type"] == exchange.contentType, place)
            let wanted = exchange.wanted
            if let end = wanted.firstIndex(of: "…") {
                #expect(String(answer.text.prefix(wanted[..<end].count)) == wanted[..<end], place)
            } else {
                #expect(answer.text == wanted, place)
            }
            let isPlain = exchange.form == "error" || exchange.form == "text"
            #expect((answer.headers["X-Content-Type-Options"] == "nosniff") == isPlain, place)
            let id = answer.headers["X-Toxiproxy-Request-Id"]
            #expect((id != nil) == exchange.isRouted, place)
            if let id { #expect(id.wholeMatch(of: /[0-9a-v]{20}/) != nil, place) }
        }
    }
}
